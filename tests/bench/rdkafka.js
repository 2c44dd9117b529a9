// node rdkafka.js produce FILE TOPIC HOST:PORT|mock      each line of FILE is a record of partition 0
// node rdkafka.js consume COUNT TOPIC HOST:PORT OUT      the first COUNT records of partition 0, as lines of OUT
// node rdkafka.js hold FILE TOPIC                        a mock broker that holds the lines of FILE: it tells its
//                                                        HOST:PORT, and ends with its stdin
//
// What kcat does, with the librdkafka that npm's node-rdkafka brings. The mock broker is librdkafka's own, in memory of
// the process that says "mock". Prints one line of JSON: nanoseconds from the first record to the last one, be it
// acknowledged or read, without the start of node.
'use strict';

const fs = require('fs');
const { setTimeout: sleep } = require('timers/promises');
const { promisify } = require('util');
const kafka = require('node-rdkafka');

const FLUSH_MS_MAX = 120000;
const CONNECT_MS_MAX = 20000;
const POLL_MS = 100;
const RECORDS_A_CALL = 1000;

function fail(what) {
  fs.writeSync(2, `rdkafka.js: ${what && what.message || what}\n`);
  process.exit(1);
}

function cluster(address) {
  return address === 'mock' ? { 'test.mock.num.brokers': 1 } : { 'bootstrap.servers': address };
}

async function connect(client) {
  client.on('event.error', error => fs.writeSync(2, `rdkafka.js: ${error.message}\n`));
  return promisify(client.connect).call(client, { timeout: CONNECT_MS_MAX });
}

async function openProducer(address) {
  const producer = new kafka.Producer(
    { ...cluster(address), dr_cb: true, 'delivery.report.only.error': true });
  producer.on('delivery-report', error => error && fail(error));
  const metadata = await connect(producer);
  producer.setPollInterval(POLL_MS);
  return { producer, metadata };
}

async function produceLines(producer, topic, bytes) {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const line = bytes.subarray(at, end);
    for (;;) {
      try {
        producer.produce(topic, 0, line);
        break;
      } catch (error) {
        if (error.code !== kafka.CODES.ERRORS.ERR__QUEUE_FULL) throw error;
        await sleep(1);
      }
    }
    at = end + 1;
  }
  await promisify(producer.flush).call(producer, FLUSH_MS_MAX);
}

function print(began) {
  fs.writeSync(1, `{"ns": ${process.hrtime.bigint() - began}}\n`);
}

async function produce(file, topic, address) {
  const bytes = fs.readFileSync(file);
  const { producer } = await openProducer(address);
  const began = process.hrtime.bigint();
  await produceLines(producer, topic, bytes);
  print(began);
  process.exit(0);  // a disconnect takes its time, and all is acknowledged
}

// This client always belongs to a group. A broker without groups says so once, and its records come all the same.
async function take(consumer, count) {
  try {
    return await promisify(consumer.consume).call(consumer, count);
  } catch (error) {
    if (error.code !== kafka.CODES.ERRORS.ERR_INVALID_REQUEST) throw error;
    return [];
  }
}

async function consume(count, topic, address, out) {
  const consumer = new kafka.KafkaConsumer(
    { ...cluster(address), 'group.id': 'bench', 'enable.auto.commit': false }, {});
  await connect(consumer);
  const lines = [];
  const began = process.hrtime.bigint();
  consumer.assign([{ topic, partition: 0, offset: 0 }]);
  while (lines.length < count) {
    for (const message of await take(consumer, Math.min(RECORDS_A_CALL, count - lines.length))) {
      lines.push(message.value);
    }
  }
  print(began);
  const file = fs.openSync(out, 'w');
  const newline = Buffer.from('\n');
  for (let at = 0; at < count; at += RECORDS_A_CALL) {
    fs.writeSync(file, Buffer.concat(lines.slice(at, at + RECORDS_A_CALL).flatMap(line => [line, newline])));
  }
  process.exit(0);
}

async function hold(file, topic) {
  process.stdin.on('end', () => process.exit(0)).resume();
  const { producer, metadata } = await openProducer('mock');
  await produceLines(producer, topic, fs.readFileSync(file));
  const [broker] = metadata.brokers;
  fs.writeSync(1, `${broker.host}:${broker.port}\n`);
}

const [command, ...words] = process.argv.slice(2);
const commands = { produce, consume: (count, ...rest) => consume(Number(count), ...rest), hold };
if (!commands[command]) fail('its source tells the commands');
commands[command](...words).catch(fail);
