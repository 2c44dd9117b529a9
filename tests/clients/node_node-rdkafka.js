// The side of node.sh that is node-rdkafka 3.6.1's: node_node-rdkafka.js ADDRESS BROKERS
'use strict';
const rdkafka = require('node-rdkafka');
const { eventually, expect, refused, upTo } = require('./node_checks.js');

const [address, brokers] = [process.argv[2], Number(process.argv[3])];
const basic = { 'metadata.broker.list': address, 'client.id': 'node' };
const errors = rdkafka.CODES.ERRORS;
const admin = rdkafka.AdminClient.create(basic);

// call(object, 'method', ...): its answer, however it is told.
const call = (object, method, ...given) => new Promise((done, failed) => {
  object[method](...given, (error, answer) => (error ? failed(error) : done(answer)));
});

async function connected(client) {
  client.on('event.error', (error) => console.log('told:', error.message));
  await call(client, 'connect', {});
  return client;
}

async function writer(options = {}) {
  const producer = await connected(new rdkafka.Producer({ ...basic, dr_cb: true, 'linger.ms': 2, ...options }, {}));
  producer.setPollInterval(10);
  producer.reports = [];
  producer.on('delivery-report', (error, report) => producer.reports.push(error || report));
  producer.end = async (count) => {
    await call(producer, 'flush', 20000);
    await eventually('reports of delivery', count, () => producer.reports.length);
    expect('none has failed', [], producer.reports.filter((report) => report instanceof Error));
    await call(producer, 'disconnect');
  };
  return producer;
}

// A member of a group: what it was given, in order, and has read.
async function join(group, topic, options = {}) {
  const consumer = await connected(new rdkafka.KafkaConsumer({
    ...basic, 'group.id': group, 'heartbeat.interval.ms': 300, 'enable.auto.commit': false, 'fetch.wait.max.ms': 100,
    rebalance_cb: true, ...options,
  }, { 'auto.offset.reset': 'earliest' }));
  consumer.read = [];
  consumer.on('data', (record) => consumer.read.push(record));
  consumer.subscribe([topic]);
  consumer.consume();
  consumer.has = () => { try { return consumer.assignments().map((p) => p.partition).sort(); } catch (gone) { return []; } };
  consumer.end = () => call(consumer, 'disconnect');
  return consumer;
}

const values = (...consumers) => consumers.flatMap((c) => c.read.map((r) => Number(r.value.toString()))).sort((a, b) => a - b);

async function topics() {
  console.log('-- topics');
  await call(admin, 'createTopic', {
    topic: 'numbers', num_partitions: 4, replication_factor: brokers, config: { 'retention.ms': '86400000' },
  });
  await refused('created again', errors.ERR_TOPIC_ALREADY_EXISTS, () => call(admin, 'createTopic', {
    topic: 'numbers', num_partitions: 4, replication_factor: brokers,
  }));
  await refused('a name with a blank', errors.ERR_TOPIC_EXCEPTION, () => call(admin, 'createTopic', {
    topic: 'a b', num_partitions: 1, replication_factor: 1,
  }));
  await call(admin, 'createTopic', { topic: 'grows', num_partitions: 1, replication_factor: 1 });
  await call(admin, 'createPartitions', 'grows', 3);
  const producer = await writer();
  const described = async (topic) =>
    (await call(producer, 'getMetadata', { topic, timeout: 5000 })).topics.find((t) => t.name === topic).partitions;
  expect('replicas', Array(4).fill(brokers), (await described('numbers')).map((p) => p.replicas.length));
  await eventually('partitions, more', 3, async () => (await described('grows')).length);
  expect('brokers', upTo(brokers).map((n) => n + 1),
    (await call(producer, 'getMetadata', { timeout: 5000 })).brokers.map((b) => b.id).sort());
  await producer.end(0);
  await call(admin, 'deleteTopic', 'grows');
  await refused('deleted again', errors.ERR_UNKNOWN_TOPIC_OR_PART, () => call(admin, 'deleteTopic', 'grows'));
}

async function records() {
  console.log('-- records');
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const producer = await writer({ 'compression.codec': codec });
    for (const n of upTo(1000)) producer.produce(`of-${codec}`, null, Buffer.from(String(n)), `k${n}`, null, null, [{ h: 'a' }, { h: 'b' }]);
    await producer.end(1000);
    const consumer = await join(`of ${codec}`, `of-${codec}`, { 'check.crcs': true });
    await eventually(`records of ${codec}`, 1000, () => consumer.read.length);
    expect(`values of ${codec}`, upTo(1000), values(consumer));
    expect('headers', ['a', 'b'], consumer.read[0].headers.map((header) => header.h.toString()));
    await consumer.end();
  }
  const producer = await writer({ 'enable.idempotence': true });
  for (const n of upTo(400)) producer.produce('numbers', n % 4, Buffer.from(String(n)));
  await producer.end(400);
  expect('offsets', upTo(100), producer.reports.filter((r) => r.partition === 2).map((r) => r.offset));
  const asking = await writer();
  const ends = await call(asking, 'queryWatermarkOffsets', 'numbers', 3, 5000);
  expect('where it begins and ends', [0, 100], [ends.lowOffset, ends.highOffset]);
  await asking.end(0);
}

// There are `count` records before.
async function group(strategy, count) {
  console.log(`-- a group, ${strategy}`);
  const options = { 'partition.assignment.strategy': strategy };
  const name = `workers, ${strategy}`;
  const one = await join(name, 'numbers', options);
  await eventually('records', count, () => one.read.length);
  one.commitSync(one.position());
  const two = await join(name, 'numbers', options);
  await eventually('halves', [2, 2], () => [one.has().length, two.has().length]);
  expect('each partition has one member', [0, 1, 2, 3], [...one.has(), ...two.has()].sort());
  const producer = await writer();
  for (const n of upTo(400)) producer.produce('numbers', n % 4, Buffer.from(String(count + n)));
  await producer.end(400);
  await eventually('records, of both', count + 400, () => one.read.length + two.read.length);
  expect('each once', upTo(count + 400), values(one, two));
  two.commitSync(two.position());
  one.commitSync(one.position());
  await two.end();
  await eventually('the one has all again', [0, 1, 2, 3], one.has);
  const positions = (await call(one, 'committed', upTo(4).map((partition) => ({ topic: 'numbers', partition })), 5000));
  expect('positions', Array(4).fill((count + 400) / 4), positions.map((p) => p.offset));
  await one.end();
}

(async () => {
  await topics();
  await records();
  await group('range,roundrobin', 400);
  await group('cooperative-sticky', 800);
  admin.disconnect();
  process.exit(0);
})().catch((error) => {
  console.log('FAILED:', error);
  process.exit(1);
});
