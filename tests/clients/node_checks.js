// What the scripts of Node's clients check with.
'use strict';
const util = require('util');

const show = (value) => util.inspect(value, { depth: 6, breakLength: 120 }).slice(0, 600);

function expect(what, wanted, got) {
  if (util.isDeepStrictEqual(wanted, got)) return;
  console.log(`FAILED: ${what}\n  wanted: ${show(wanted)}\n  got:    ${show(got)}`);
  process.exit(1);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks until the answer is what is wanted.
async function eventually(what, wanted, ask, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  let got = await ask();
  while (!util.isDeepStrictEqual(wanted, got) && Date.now() < end) {
    await pause(50);
    got = await ask();
  }
  expect(what, wanted, got);
}

// The error that it ends with, by its type (kafkajs) or its code.
async function refused(what, wanted, ask) {
  let got = 'taken';
  try {
    await ask();
  } catch (error) {
    got = error.type || error.code || error.name;
  }
  expect(what, wanted, got);
}

// 0, 1, ... count - 1
const upTo = (count) => [...Array(count).keys()];

module.exports = { eventually, expect, pause, refused, upTo };
