/**
 * What `import … from 'annotated-kafka'` gives: the clients, their values, their errors, and the
 * seams.
 */

export type { AclOperation } from './admin/AclOperation.ts'
export type { AdminConfigInput } from './admin/AdminClientConfig.ts'
export {
  type AbstractOptions,
  type AlterConsumerGroupOffsetsOptions,
  type CreateTopicsOptions,
  type DeleteConsumerGroupOffsetsOptions,
  type DeleteConsumerGroupsOptions,
  type DeleteTopicsOptions,
  type DescribeClassicGroupsOptions,
  type DescribeClusterOptions,
  type DescribeConfigsOptions,
  type DescribeConsumerGroupsOptions,
  type DescribeTopicsOptions,
  forConsumerGroups,
  type ListConsumerGroupOffsetsOptions,
  type ListConsumerGroupsOptions,
  type ListGroupsOptions,
  type ListOffsetsOptions,
  type ListTopicsOptions,
  type RemoveMembersFromConsumerGroupOptions,
} from './admin/AdminOptions.ts'
export type { AlterConsumerGroupOffsetsResult } from './admin/AlterConsumerGroupOffsetsResult.ts'
export type { Config, ConfigEntry } from './admin/Config.ts'
export type { ConfigResource, ConfigResourceType } from './admin/ConfigResource.ts'
export type {
  ClassicGroupDescription,
  ConsumerGroupDescription,
  MemberDescription,
} from './admin/ConsumerGroupDescription.ts'
export type { CreateTopicsResult } from './admin/CreateTopicsResult.ts'
export type { DeleteConsumerGroupOffsetsResult } from './admin/DeleteConsumerGroupOffsetsResult.ts'
export type { DeleteConsumerGroupsResult } from './admin/DeleteConsumerGroupsResult.ts'
export type { DeleteTopicsResult } from './admin/DeleteTopicsResult.ts'
export type { DescribeClusterResult } from './admin/DescribeClusterResult.ts'
export type { DescribeConfigsResult } from './admin/DescribeConfigsResult.ts'
export type { DescribeGroupsResult } from './admin/DescribeGroupsResult.ts'
export type { DescribeTopicsResult } from './admin/DescribeTopicsResult.ts'
export type { GroupAdmin } from './admin/GroupAdmin.ts'
export type { ConsumerGroupListing, GroupListing } from './admin/GroupListing.ts'
export type { ClassicGroupState, GroupState, GroupType } from './admin/GroupState.ts'
export { KafkaAdminClient } from './admin/KafkaAdminClient.ts'
export type {
  CommittedOffsets,
  ListConsumerGroupOffsetsResult,
} from './admin/ListConsumerGroupOffsetsResult.ts'
export type { ListConsumerGroupOffsetsSpec } from './admin/ListConsumerGroupOffsetsSpec.ts'
export type { ListGroupsResult } from './admin/ListGroupsResult.ts'
export type { ListOffsetsResult, ListOffsetsResultInfo } from './admin/ListOffsetsResult.ts'
export type { ListTopicsResult } from './admin/ListTopicsResult.ts'
export type { NewTopic } from './admin/NewTopic.ts'
export { OffsetSpec } from './admin/OffsetSpec.ts'
export type {
  MemberToRemove,
  RemoveMembersFromConsumerGroupResult,
} from './admin/RemoveMembersFromConsumerGroupResult.ts'
export type { TopicCollection } from './admin/TopicCollection.ts'
export type { TopicDescription, TopicListing } from './admin/TopicDescription.ts'
export { ByteBuffer } from './common/ByteBuffer.ts'
export { Bytes } from './common/Bytes.ts'
export { Cluster } from './common/Cluster.ts'
export type { ClusterResource } from './common/ClusterResource.ts'
export type { ClusterResourceListener } from './common/ClusterResourceListener.ts'
export * from './common/errors/ApiExceptions.ts'
export * from './common/errors/ClusterExceptions.ts'
export * from './common/errors/CoordinatorExceptions.ts'
export * from './common/errors.ts'
export type { Header } from './common/header/Header.ts'
export type { Headers } from './common/header/Headers.ts'
export { RecordHeader } from './common/header/RecordHeader.ts'
export { RecordHeaders } from './common/header/RecordHeaders.ts'
export { ConsoleLogger, type Logger, type LogLevel } from './common/Logger.ts'
export { MetricName, type MetricTags } from './common/MetricName.ts'
export {
  DiagnosticsReporter,
  METRICS_CHANNELS,
  type MetricMessage,
  type MetricVisitor,
} from './common/metrics/DiagnosticsReporter.ts'
export { KafkaMetric } from './common/metrics/KafkaMetric.ts'
export { MetricConfig, type MetricConfigOptions } from './common/metrics/MetricConfig.ts'
export type { MetricsContext } from './common/metrics/MetricsContext.ts'
export type { MetricsReporter } from './common/metrics/MetricsReporter.ts'
export type {
  Gauge,
  Measurable,
  MetricValue,
  MetricValueProvider,
} from './common/metrics/MetricValueProvider.ts'
export type { Monitorable, PluginMetrics } from './common/metrics/Monitorable.ts'
export { Quota } from './common/metrics/Quota.ts'
export type { RecordingLevel } from './common/metrics/RecordingLevel.ts'
export { Node } from './common/Node.ts'
export { PartitionInfo } from './common/PartitionInfo.ts'
export type { Random } from './common/Random.ts'
export { BigLongDeserializer } from './common/serialization/BigLongDeserializer.ts'
export { BigLongSerializer } from './common/serialization/BigLongSerializer.ts'
export { BooleanDeserializer } from './common/serialization/BooleanDeserializer.ts'
export { BooleanSerializer } from './common/serialization/BooleanSerializer.ts'
export { ByteArrayDeserializer } from './common/serialization/ByteArrayDeserializer.ts'
export { ByteArraySerializer } from './common/serialization/ByteArraySerializer.ts'
export { ByteBufferDeserializer } from './common/serialization/ByteBufferDeserializer.ts'
export { ByteBufferSerializer } from './common/serialization/ByteBufferSerializer.ts'
export { BytesDeserializer } from './common/serialization/BytesDeserializer.ts'
export { BytesSerializer } from './common/serialization/BytesSerializer.ts'
export type { Deserializer } from './common/serialization/Deserializer.ts'
export { DoubleDeserializer } from './common/serialization/DoubleDeserializer.ts'
export { DoubleSerializer } from './common/serialization/DoubleSerializer.ts'
export { FloatDeserializer } from './common/serialization/FloatDeserializer.ts'
export { FloatSerializer } from './common/serialization/FloatSerializer.ts'
export { IntegerDeserializer } from './common/serialization/IntegerDeserializer.ts'
export { IntegerSerializer } from './common/serialization/IntegerSerializer.ts'
export {
  JsonDeserializer,
  type JsonDeserializerOptions,
} from './common/serialization/JsonDeserializer.ts'
export {
  JsonSerializer,
  type JsonSerializerOptions,
} from './common/serialization/JsonSerializer.ts'
export { ListDeserializer } from './common/serialization/ListDeserializer.ts'
export { ListSerializer } from './common/serialization/ListSerializer.ts'
export { LongDeserializer } from './common/serialization/LongDeserializer.ts'
export { LongSerializer } from './common/serialization/LongSerializer.ts'
export type { ListClass } from './common/serialization/listSettings.ts'
export type { Serde } from './common/serialization/Serde.ts'
export { type SerdeFrom, Serdes, WrapperSerde } from './common/serialization/Serdes.ts'
export type { Configs, Serializer } from './common/serialization/Serializer.ts'
export type {
  DeserializerSettings,
  SerializerSettings,
} from './common/serialization/SerializerSettings.ts'
export { ShortDeserializer } from './common/serialization/ShortDeserializer.ts'
export { ShortSerializer } from './common/serialization/ShortSerializer.ts'
export { StringDeserializer } from './common/serialization/StringDeserializer.ts'
export { StringSerializer } from './common/serialization/StringSerializer.ts'
export { UUIDDeserializer } from './common/serialization/UUIDDeserializer.ts'
export { UUIDSerializer } from './common/serialization/UUIDSerializer.ts'
export { VoidDeserializer } from './common/serialization/VoidDeserializer.ts'
export { VoidSerializer } from './common/serialization/VoidSerializer.ts'
export type { Scheduled, Time } from './common/Time.ts'
export type { Timer } from './common/Timer.ts'
export { TopicPartition } from './common/TopicPartition.ts'
export type { ReadonlyTopicPartitionMap } from './common/TopicPartitionMap.ts'
export type { ReadonlyTopicPartitionSet } from './common/TopicPartitionSet.ts'
export { type Trace, TraceBus, type TraceEntry, type TraceListener } from './common/Trace.ts'
export { TRACE_POINTS, type TraceEvents, type TraceName } from './common/TraceEvents.ts'
export { Uuid } from './common/Uuid.ts'
export { Assignment } from './consumer/Assignment.ts'
export type { CloseOptions, GroupMembershipOperation } from './consumer/CloseOptions.ts'
export { CommitFailedException } from './consumer/CommitFailedException.ts'
export type { Consumer, Offsets } from './consumer/Consumer.ts'
export type { ConsumerConfigInput } from './consumer/ConsumerConfig.ts'
export { ConsumerGroupMetadata } from './consumer/ConsumerGroupMetadata.ts'
export type { ConsumerInterceptor } from './consumer/ConsumerInterceptor.ts'
export type {
  ConsumerPartitionAssignor,
  RebalanceProtocol,
} from './consumer/ConsumerPartitionAssignor.ts'
export type { ConsumerRebalanceListener } from './consumer/ConsumerRebalanceListener.ts'
export { ConsumerRecord } from './consumer/ConsumerRecord.ts'
export { ConsumerRecords } from './consumer/ConsumerRecords.ts'
export { CooperativeStickyAssignor } from './consumer/CooperativeStickyAssignor.ts'
export { GroupAssignment } from './consumer/GroupAssignment.ts'
export { GroupSubscription } from './consumer/GroupSubscription.ts'
export { InvalidOffsetException } from './consumer/InvalidOffsetException.ts'
export type { AssignorChoice } from './consumer/internals/AssignorInstances.ts'
export { KafkaConsumer } from './consumer/KafkaConsumer.ts'
export { LogTruncationException } from './consumer/LogTruncationException.ts'
export { NoOffsetForPartitionException } from './consumer/NoOffsetForPartitionException.ts'
export { OffsetAndMetadata } from './consumer/OffsetAndMetadata.ts'
export { OffsetAndTimestamp } from './consumer/OffsetAndTimestamp.ts'
export type { OffsetCommitCallback } from './consumer/OffsetCommitCallback.ts'
export { OffsetOutOfRangeException } from './consumer/OffsetOutOfRangeException.ts'
export { RangeAssignor } from './consumer/RangeAssignor.ts'
export {
  type DeserializationExceptionOrigin,
  RecordDeserializationException,
  type RecordDeserializationFields,
} from './consumer/RecordDeserializationException.ts'
export { RetriableCommitFailedException } from './consumer/RetriableCommitFailedException.ts'
export { RoundRobinAssignor } from './consumer/RoundRobinAssignor.ts'
export { StickyAssignor } from './consumer/StickyAssignor.ts'
export { Subscription } from './consumer/Subscription.ts'
export { SubscriptionPattern } from './consumer/SubscriptionPattern.ts'
export type { RecordsOptions, Wait, WaitOptions } from './consumer/WaitOptions.ts'
export { type Environment, systemEnvironment } from './network/Environment.ts'
export type { SelectorProvider } from './network/nio/SocketChannel.ts'
export type { Callback } from './producer/Callback.ts'
export type { FutureRecordMetadata } from './producer/internals/FutureRecordMetadata.ts'
export type {
  AccumulatorSnapshot,
  BatchSnapshot,
  BufferPoolSnapshot,
  DequeSnapshot,
  ProducerSnapshot,
  WaiterSnapshot,
} from './producer/internals/ProducerSnapshot.ts'
export { KafkaProducer } from './producer/KafkaProducer.ts'
export type { Partitioner } from './producer/Partitioner.ts'
export type { Producer } from './producer/Producer.ts'
export type { ProducerConfigInput } from './producer/ProducerConfig.ts'
export type { ProducerInterceptor } from './producer/ProducerInterceptor.ts'
export { ProducerRecord, type ProducerRecordInput } from './producer/ProducerRecord.ts'
export { RecordMetadata } from './producer/RecordMetadata.ts'
export { RoundRobinPartitioner } from './producer/RoundRobinPartitioner.ts'
export { loadZstd } from './record/compress/ZstdCompression.ts'
export { TimestampType } from './record/TimestampType.ts'
