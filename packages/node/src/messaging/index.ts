/** `@sillok/node/messaging`: messages continue the trace of their sender, and say how often they were delivered. */
export { bullmqTelemetry, type BullmqTelemetry } from './bullmq.js';
export { instrumentKafkaProducer, kafkaEachMessage, type KafkaReceived } from './kafka.js';
export { processMessage, type MessagingOptions, type Received } from './message.js';
export { instrumentNats, natsMessage, type NatsHeaders, type NatsMessage, type NatsOptions } from './nats.js';
export { instrumentSqs, sqsMessage, type SqsClient, type SqsMessage } from './sqs.js';
