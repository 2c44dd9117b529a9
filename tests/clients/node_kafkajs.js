// The side of node.sh that is kafkajs 2.2.4's: node_kafkajs.js ADDRESS BROKERS
'use strict';
const { CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = require('kafkajs');
const { eventually, expect, refused, upTo } = require('./node_checks.js');

const [address, brokers] = [process.argv[2], Number(process.argv[3])];
const kafka = new Kafka({
  clientId: 'node',
  brokers: address.split(','),
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, retries: 8 },
});
const admin = kafka.admin();

const ends = async (topic) => (await admin.fetchTopicOffsets(topic)).sort((a, b) => a.partition - b.partition);
// offset of each partition
const positions = async (groupId, topic) =>
  (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions
    .sort((a, b) => a.partition - b.partition)
    .map((p) => Number(p.offset));

// A member of a group, and what it was given and has read.
async function join(groupId, topic, options = {}) {
  const member = { consumer: kafka.consumer({ groupId, heartbeatInterval: 300, maxWaitTimeInMs: 300, ...options }), has: [], read: [] };
  member.consumer.on('consumer.group_join', ({ payload }) => {
    member.has = payload.memberAssignment[topic] || [];
  });
  await member.consumer.connect();
  await member.consumer.subscribe({ topics: [topic], fromBeginning: true });
  await member.consumer.run({
    eachMessage: async ({ partition, message }) => {
      member.read.push({ partition, offset: Number(message.offset), value: message.value, key: message.key, headers: message.headers });
    },
  });
  return member;
}

// Everything in a topic, by a group of its own.
async function readAll(topic, count, options = {}) {
  const member = await join(`all of ${topic}`, topic, options);
  await eventually(`records of ${topic}`, true, () => member.read.length >= count);
  await member.consumer.disconnect();
  expect(`records of ${topic}`, count, member.read.length);
  return member.read;
}

async function topics() {
  console.log('-- topics');
  const { brokers: known, controller } = await admin.describeCluster();
  expect('brokers', upTo(brokers).map((n) => n + 1), known.map((b) => b.nodeId).sort());
  expect('a controller among them', true, known.some((b) => b.nodeId === controller));
  const numbers = {
    topic: 'numbers', numPartitions: 4, replicationFactor: brokers,
    configEntries: [{ name: 'retention.ms', value: '86400000' }],
  };
  expect('created', true, await admin.createTopics({ topics: [numbers] }));
  expect('created again', false, await admin.createTopics({ topics: [numbers] }));
  await refused('a name with a blank', 'INVALID_TOPIC_EXCEPTION', async () => {
    await admin.createTopics({ topics: [{ topic: 'a b' }] }).catch((error) => { throw error.errors[0]; });
  });
  await admin.createTopics({ topics: [{ topic: 'only-tried' }], validateOnly: true, waitForLeaders: false });
  expect('topics', ['numbers'], (await admin.listTopics()).filter((name) => !name.startsWith('__')));
  const [described] = (await admin.fetchTopicMetadata({ topics: ['numbers'] })).topics;
  expect('partitions', [0, 1, 2, 3], described.partitions.map((p) => p.partitionId).sort());
  expect('replicas', Array(4).fill(brokers), described.partitions.map((p) => p.replicas.length));
  const config = async () => (await admin.describeConfigs({
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 'numbers', configNames: ['retention.ms'] }], includeSynonyms: false,
  })).resources[0].configEntries.map((c) => [c.configName, c.configValue]);
  expect('its config', [['retention.ms', '86400000']], await config());
  await admin.alterConfigs({
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 'numbers', configEntries: [{ name: 'retention.ms', value: '3600000' }] }],
  });
  expect('its config, altered', [['retention.ms', '3600000']], await config());

  await admin.createTopics({ topics: [{ topic: 'grows', numPartitions: 1 }] });
  await admin.createPartitions({ topicPartitions: [{ topic: 'grows', count: 3 }] });
  expect('partitions, more', 3, (await admin.fetchTopicMetadata({ topics: ['grows'] })).topics[0].partitions.length);
  await admin.deleteTopics({ topics: ['grows'] });
  expect('topics, without it', false, (await admin.listTopics()).includes('grows'));
  // An error of which it believes that it passes.
  await refused('deleted again', 'UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const once = kafka.admin({ retry: { retries: 0 } });
    await once.connect();
    await once.deleteTopics({ topics: ['grows'] }).catch((error) => { throw error.cause || error; }).finally(() => once.disconnect());
  });
}

async function records() {
  console.log('-- records');
  const producer = kafka.producer();
  await producer.connect();
  await admin.createTopics({ topics: [{ topic: 'shapes', numPartitions: 1, replicationFactor: brokers }] });
  const sent = [
    { key: 'k1', value: 'v1', headers: { a: '1', b: ['zwei', 'again'] } },
    { key: 'k2', value: null },
    { key: null, value: '' },
  ];
  const [told] = await producer.send({ topic: 'shapes', messages: sent });
  expect('what the broker tells of it', [0, 0, '0'], [told.partition, told.errorCode, told.baseOffset]);
  const read = await readAll('shapes', 3);
  expect('keys', ['k1', 'k2', null], read.map((r) => r.key && r.key.toString()));
  expect('values', ['v1', null, ''], read.map((r) => r.value && r.value.toString()));
  expect('headers', ['1', ['zwei', 'again']], [String(read[0].headers.a), read[0].headers.b.map(String)]);

  await producer.send({
    topic: 'numbers', compression: CompressionTypes.GZIP,
    messages: upTo(400).map((n) => ({ value: String(n), partition: n % 4 })),
  });
  expect('ends', Array(4).fill('100'), (await ends('numbers')).map((p) => p.high));
  for (const acks of [0, 1, -1]) await producer.send({ topic: 'acks', acks, messages: [{ value: String(acks), partition: 0 }] });
  await eventually('acks of 0, 1 and -1', '3', async () => (await ends('acks'))[0].high);
  await refused('a record that is too large', 'MESSAGE_TOO_LARGE', async () => {
    await producer.send({ topic: 'shapes', messages: [{ value: Buffer.alloc(1100000) }] });
  });
  await producer.disconnect();

  const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await idempotent.connect();
  await admin.createTopics({ topics: [{ topic: 'in-order', numPartitions: 1, replicationFactor: brokers }] });
  for (const n of upTo(50)) await idempotent.send({ topic: 'in-order', messages: [{ value: String(2 * n) }, { value: String(2 * n + 1) }] });
  await idempotent.disconnect();
  expect('in order', upTo(100), (await readAll('in-order', 100)).map((r) => Number(r.value.toString())));
}

async function groups() {
  console.log('-- a group');
  const one = await join('workers', 'numbers');
  await eventually('all records', 400, () => one.read.length);
  expect('each once', upTo(400), one.read.map((r) => Number(r.value.toString())).sort((a, b) => a - b));
  const two = await join('workers', 'numbers');
  await eventually('halves', [2, 2], () => [one.has.length, two.has.length]);
  expect('each partition has one member', [0, 1, 2, 3], [...one.has, ...two.has].sort());
  const [described] = (await admin.describeGroups(['workers'])).groups;
  expect('described', ['Stable', 'consumer', 'RoundRobinAssigner', 2],
    [described.state, described.protocolType, described.protocol, described.members.length]);
  expect('listed', [{ groupId: 'workers', protocolType: 'consumer' }],
    (await admin.listGroups()).groups.filter((g) => g.groupId === 'workers'));
  await refused('deleted with members', 'NON_EMPTY_GROUP', async () => {
    await admin.deleteGroups(['workers']).catch((error) => { throw error.groups[0].error; });
  });

  const producer = kafka.producer();
  await producer.connect();
  const write = (from) => producer.send({ topic: 'numbers', messages: upTo(400).map((n) => ({ value: String(from + n), partition: n % 4 })) });
  await write(400);
  await eventually('all records, by two', 800, () => one.read.length + two.read.length);
  expect('some by each', [true, true], [one.read.length > 400, two.read.length > 0]);
  await two.consumer.disconnect();
  await eventually('the one has all again', [0, 1, 2, 3], () => [...one.has].sort());
  await write(800);
  await eventually('all records, by one again', 1200, () => one.read.length + two.read.length);
  expect('each once', upTo(1200), [...one.read, ...two.read].map((r) => Number(r.value.toString())).sort((a, b) => a - b));
  await producer.disconnect();
  await one.consumer.disconnect();
  await eventually('nobody is left', 'Empty', async () => (await admin.describeGroups(['workers'])).groups[0].state);
  expect('positions', Array(4).fill(300), await positions('workers', 'numbers'));
}

async function offsets() {
  console.log('-- offsets');
  await admin.setOffsets({ groupId: 'workers', topic: 'numbers', partitions: [{ partition: 1, offset: '290' }] });
  expect('positions, one set', [300, 290, 300, 300], await positions('workers', 'numbers'));
  const next = await join('workers', 'numbers');
  await eventually('what is behind the positions', 10, () => next.read.length);
  expect('which', upTo(10).map((n) => [1, 290 + n]), next.read.map((r) => [r.partition, r.offset]));
  next.consumer.seek({ topic: 'numbers', partition: 2, offset: '295' });
  await eventually('what is behind a seek', 15, () => next.read.length);
  next.consumer.pause([{ topic: 'numbers', partitions: [3] }]);
  expect('paused', [{ topic: 'numbers', partitions: [3] }], next.consumer.paused());
  await next.consumer.disconnect();
  await admin.resetOffsets({ groupId: 'workers', topic: 'numbers', earliest: true });
  expect('positions at the beginning', [0, 0, 0, 0], (await positions('workers', 'numbers')).map((n) => (n === -2 ? 0 : n)));

  await admin.deleteTopicRecords({ topic: 'numbers', partitions: [{ partition: 0, offset: '250' }] });
  expect('where the log begins', ['250', '0', '0', '0'], (await ends('numbers')).map((p) => p.low));
  const byTime = (time) => admin.fetchTopicOffsetsByTimestamp('shapes', time);
  expect('the first since the epoch', [{ partition: 0, offset: '0' }], await byTime(1));
  expect('the first since tomorrow', [{ partition: 0, offset: '3' }], await byTime(Date.now() + 86400000));

  await admin.deleteGroups(['workers']);
  expect('groups, without it', false, (await admin.listGroups()).groups.some((g) => g.groupId === 'workers'));
  expect('no positions', [-1, -1, -1, -1], await positions('workers', 'numbers'));
  await refused('deleted again', 'GROUP_ID_NOT_FOUND', async () => {
    await admin.deleteGroups(['workers']).catch((error) => { throw error.groups[0].error; });
  });
}

(async () => {
  await admin.connect();
  await topics();
  await records();
  await groups();
  await offsets();
  await admin.disconnect();
})().catch((error) => {
  console.log('FAILED:', error);
  process.exit(1);
});
