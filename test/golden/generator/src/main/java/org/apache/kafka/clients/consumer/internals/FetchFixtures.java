package org.apache.kafka.clients.consumer.internals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.FetchDataInfo;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Writes test/golden/fetches.json: what Kafka's own log answers to fetches, and what Kafka's own
 * consumer makes of the answers. It stands in this package because CompletedFetch is not public.
 *
 * <pre>
 * cd test/golden/generator
 * mvn -q compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * java -cp target/classes:$(cat target/classpath) org.apache.kafka.clients.consumer.internals.FetchFixtures ..
 * </pre>
 *
 * Each log is written by several producers at once: with transactions that end well or badly, some of them
 * open at the end; idempotent; plain; with and without compression. Some logs were compacted. A read is
 *
 * <pre>
 *   [isolation 0|1, offset, first byte, last byte, lastStableOffset, aborted, records, next, epoch]
 * </pre>
 *
 * where the bytes are what the log gave of itself, aborted is what it listed ([producerId, firstOffset]),
 * and the rest is what the consumer handed out, where it goes on, and the epoch it keeps. A damaged answer is
 *
 * <pre>
 *   [check.crcs, [position, xor] or [length], what three calls gave: offsets, or "!" for an error]
 * </pre>
 */
public final class FetchFixtures {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TopicPartition TP = new TopicPartition("orders", 0);
    private static final long NOW = 1_750_000_000_000L;
    private static final int POLL = 3;

    private FetchFixtures() { }

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args.length > 0 ? args[0] : "test/golden");
        List<String> lines = new ArrayList<>();
        for (int seed = 1; seed <= 12; seed++) {
            // Every third log has lost what a cleaner takes.
            MemoryRecords written = write(new Random(seed), 12 + 3 * seed);
            MemoryRecords log = seed % 3 == 0 ? compact(written, new Random(-seed)) : written;
            lines.add(fixture(seed, log).toString());
        }
        Files.writeString(out.resolve("fetches.json"), "[\n" + String.join(",\n", lines) + "\n]\n");
    }

    // ---- a log

    /** What one producer is at. */
    private static final class Writer {
        final long id;
        final short epoch;
        final boolean isTransactional;
        int sequence = 0;
        boolean inTransaction = false;

        Writer(long id, boolean isTransactional) {
            this.id = id;
            this.epoch = (short) (id % 3);
            this.isTransactional = isTransactional;
        }
    }

    private static MemoryRecords write(Random random, int batches) throws Exception {
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) writers.add(new Writer(1000 + 17L * i, i < 3));
        writers.add(new Writer(RecordBatch.NO_PRODUCER_ID, false));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long offset = 0;
        int leaderEpoch = 0;
        for (int i = 0; i < batches; i++) {
            if (random.nextInt(9) == 0) leaderEpoch++;
            Writer writer = writers.get(random.nextInt(writers.size()));
            MemoryRecords next;
            if (writer.inTransaction && random.nextInt(3) == 0) {
                ControlRecordType end = random.nextBoolean() ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
                next = MemoryRecords.withEndTransactionMarker(offset, NOW + offset, leaderEpoch, writer.id,
                    writer.epoch, new EndTransactionMarker(end, 0));
                writer.inTransaction = false;
            } else {
                next = batch(random, writer, offset, leaderEpoch);
                writer.inTransaction = writer.isTransactional;
            }
            for (RecordBatch b : next.batches()) offset = b.nextOffset();
            all.write(bytesOf(next));
        }
        return MemoryRecords.readableRecords(ByteBuffer.wrap(all.toByteArray()));
    }

    private static MemoryRecords batch(Random random, Writer writer, long offset, int leaderEpoch) {
        CompressionType[] types = {CompressionType.NONE, CompressionType.NONE, CompressionType.NONE,
            CompressionType.GZIP, CompressionType.LZ4, CompressionType.SNAPPY};
        boolean hasId = writer.id != RecordBatch.NO_PRODUCER_ID;
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.CURRENT_MAGIC_VALUE,
            Compression.of(types[random.nextInt(types.length)]).build(), TimestampType.CREATE_TIME, offset,
            RecordBatch.NO_TIMESTAMP, writer.id, hasId ? writer.epoch : RecordBatch.NO_PRODUCER_EPOCH,
            hasId ? writer.sequence : RecordBatch.NO_SEQUENCE, writer.isTransactional, leaderEpoch);
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            byte[] key = ("k" + random.nextInt(4)).getBytes(StandardCharsets.UTF_8);
            builder.append(NOW + offset + i, key, ("v" + (offset + i)).getBytes(StandardCharsets.UTF_8));
        }
        if (hasId) writer.sequence += count;
        return builder.build();
    }

    /** As a cleaner does: records go one by one, a batch goes with its last record, markers stay. */
    private static MemoryRecords compact(MemoryRecords log, Random random) {
        ByteBuffer cleaned = ByteBuffer.allocate(log.sizeInBytes() + 1024);
        log.filterTo(new MemoryRecords.RecordFilter(NOW, 1) {
            @Override
            protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
                // The last batch of a producer stays even without records, so that its sequence is known.
                BatchRetention retention = random.nextInt(4) == 0 ? BatchRetention.RETAIN_EMPTY : BatchRetention.DELETE_EMPTY;
                return new BatchRetentionResult(retention, false);
            }

            @Override
            protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
                return batch.isControlBatch() || random.nextInt(3) > 0;
            }
        }, cleaned, BufferSupplier.NO_CACHING);
        cleaned.flip();
        return MemoryRecords.readableRecords(cleaned);
    }

    // ---- what Kafka's log answers

    private static ObjectNode fixture(int seed, MemoryRecords records) throws Exception {
        byte[] whole = bytesOf(records);
        ObjectNode fixture = JSON.createObjectNode();
        fixture.put("name", (seed % 3 == 0 ? "compacted log " : "log ") + seed);
        fixture.put("bytes", Base64.getEncoder().encodeToString(whole));
        File root = Files.createTempDirectory("fetch-fixtures").toFile();
        try {
            UnifiedLog log = UnifiedLog.create(new File(root, "orders-0"), new LogConfig(new Properties()), 0L, 0L,
                new Idle(), new BrokerTopicStats(), Time.SYSTEM, 900_000, new ProducerStateManagerConfig(86_400_000, false),
                600_000, new LogDirFailureChannel(1), true, Optional.empty());
            for (MutableRecordBatch batch : records.batches()) {
                ByteBuffer one = ByteBuffer.allocate(batch.sizeInBytes());
                batch.writeTo(one);
                one.flip();
                log.appendAsFollower(MemoryRecords.readableRecords(one), batch.partitionLeaderEpoch());
            }
            log.updateHighWatermark(log.logEndOffset());
            fixture.put("highWatermark", log.logEndOffset());
            ArrayNode reads = fixture.putArray("reads");
            for (FetchIsolation isolation : List.of(FetchIsolation.HIGH_WATERMARK, FetchIsolation.TXN_COMMITTED)) {
                for (long offset : new TreeSet<>(Set.of(0L, log.logEndOffset() / 3, log.logEndOffset() * 2 / 3))) {
                    for (int maxBytes : new int[] {400, 1 << 20}) reads.add(read(log, isolation, offset, maxBytes));
                }
            }
            log.closeHandlers();
        } finally {
            try (Stream<Path> paths = Files.walk(root.toPath())) {
                paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
        damage(fixture.putArray("damaged"), whole, new Random(seed));
        return fixture;
    }

    private static ArrayNode read(UnifiedLog log, FetchIsolation isolation, long offset, int maxBytes) throws Exception {
        FetchDataInfo info = log.read(offset, maxBytes, isolation, true);
        ByteBuffer buffer = ByteBuffer.allocate(info.records.sizeInBytes());
        if (info.records instanceof FileRecords) ((FileRecords) info.records).readInto(buffer, 0);
        boolean committed = isolation == FetchIsolation.TXN_COMMITTED;
        FetchResponseData.PartitionData data = new FetchResponseData.PartitionData().setPartitionIndex(0)
            .setHighWatermark(log.highWatermark()).setLastStableOffset(log.lastStableOffset())
            .setAbortedTransactions(info.abortedTransactions.orElse(null))
            .setRecords(MemoryRecords.readableRecords(buffer));
        ArrayNode read = JSON.createArrayNode().add(committed ? 1 : 0).add(offset);
        int first = buffer.limit() == 0 ? 0 : info.fetchOffsetMetadata.relativePositionInSegment;
        read.add(first).add(first + buffer.limit()).add(log.lastStableOffset());
        if (data.abortedTransactions() == null) {
            read.addNull();
        } else {
            ArrayNode aborted = read.addArray();
            data.abortedTransactions().forEach(t -> aborted.addArray().add(t.producerId()).add(t.firstOffset()));
        }
        CompletedFetch fetch = completed(data, offset);
        ArrayNode records = read.addArray();
        List<ConsumerRecord<String, String>> some;
        do {
            some = fetch.fetchRecords(config(committed, true), strings(), POLL);
            some.forEach(record -> records.add(record.offset()));
        } while (!some.isEmpty());
        read.add(fetch.nextFetchOffset());
        fetch.lastEpoch().ifPresentOrElse(read::add, read::addNull);
        return read;
    }

    // ---- answers that were damaged on their way

    private static void damage(ArrayNode damaged, byte[] whole, Random random) {
        List<Integer> magics = new ArrayList<>();
        int at = 0;
        while (at < whole.length) {
            magics.add(at + 16);
            at += 12 + ByteBuffer.wrap(whole).getInt(at + 8);
        }
        for (int i = 0; i < 40; i++) {
            byte[] bytes = whole.clone();
            ArrayNode change = JSON.createArrayNode();
            if (i % 8 == 0) {
                int length = random.nextInt(bytes.length);
                bytes = java.util.Arrays.copyOf(bytes, length);
                change.add(length);
            } else {
                int position = random.nextInt(bytes.length);
                // The formats before 2 are another story.
                if (magics.contains(position)) continue;
                int xor = 1 << random.nextInt(8);
                bytes[position] ^= (byte) xor;
                change.add(position).add(xor);
            }
            boolean checkCrcs = i % 2 == 0;
            ArrayNode fixture = damaged.addArray().add(checkCrcs);
            fixture.add(change);
            ArrayNode calls = fixture.addArray();
            CompletedFetch fetch = completed(new FetchResponseData.PartitionData().setPartitionIndex(0)
                .setHighWatermark(1_000_000).setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))), 0);
            for (int call = 0; call < 12; call++) {
                try {
                    ArrayNode offsets = JSON.createArrayNode();
                    fetch.fetchRecords(config(false, checkCrcs), strings(), 1000).forEach(record -> offsets.add(record.offset()));
                    calls.add(offsets);
                    if (offsets.isEmpty()) break;
                } catch (RuntimeException e) {
                    calls.add("!");
                    break;
                }
            }
        }
    }

    // ---- Kafka's consumer

    private static CompletedFetch completed(FetchResponseData.PartitionData data, long offset) {
        SubscriptionState subscriptions = new SubscriptionState(new LogContext(), AutoOffsetResetStrategy.NONE);
        subscriptions.assignFromUser(Set.of(TP));
        subscriptions.seek(TP, offset);
        FetchMetricsManager manager = new FetchMetricsManager(new Metrics(), new FetchMetricsRegistry());
        return new CompletedFetch(new LogContext().logger(FetchFixtures.class), subscriptions,
            BufferSupplier.NO_CACHING, TP, data, new FetchMetricsAggregator(manager, Set.of(TP)), offset);
    }

    private static FetchConfig config(boolean committed, boolean checkCrcs) {
        return new FetchConfig(1, 1 << 20, 0, 1 << 20, POLL, checkCrcs, "",
            committed ? IsolationLevel.READ_COMMITTED : IsolationLevel.READ_UNCOMMITTED);
    }

    private static Deserializers<String, String> strings() {
        return new Deserializers<>(new StringDeserializer(), new StringDeserializer(), null);
    }

    private static byte[] bytesOf(MemoryRecords records) {
        ByteBuffer buffer = records.buffer().duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** Nothing is to happen in the background. */
    private static final class Idle implements Scheduler {
        @Override
        public void startup() { }

        @Override
        public void shutdown() { }

        @Override
        public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
            return null;
        }

        @Override
        public void resizeThreadPool(int newSize) { }
    }
}
