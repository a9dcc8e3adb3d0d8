package golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/**
 * Writes test/golden/records/batches.json: record batches of many shapes, made by Kafka's own
 * MemoryRecordsBuilder, each with what it was made from and with what Kafka reads back from it.
 *
 * <pre>
 * cd test/golden/generator
 * mvn -q compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * java -cp target/classes:$(cat target/classpath) golden.RecordFixtures ..
 * </pre>
 *
 * A record is an array: offset, timestamp, sequence, size, key, value, and headers if it has some. Bytes
 * are base64, but zeros:n and pattern:n for long ones that are made up.
 */
public final class RecordFixtures {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long NOW = 1_750_000_000_000L;

    private final ArrayNode fixtures = JSON.createArrayNode();

    /** What a batch is made from; the fields have the names that the builder's options have in TypeScript. */
    private static final class Spec {
        final String name;
        CompressionType compression = CompressionType.NONE;
        TimestampType timestampType = TimestampType.CREATE_TIME;
        long baseOffset = 0L;
        long logAppendTime = RecordBatch.NO_TIMESTAMP;
        long producerId = RecordBatch.NO_PRODUCER_ID;
        short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
        int baseSequence = RecordBatch.NO_SEQUENCE;
        boolean isTransactional = false;
        boolean isControlBatch = false;
        int partitionLeaderEpoch = RecordBatch.NO_PARTITION_LEADER_EPOCH;
        long deleteHorizonMs = RecordBatch.NO_TIMESTAMP;

        Spec(String name) {
            this.name = name;
        }
    }

    private interface Filling {
        void fill(MemoryRecordsBuilder builder);
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args.length > 0 ? args[0] : "test/golden");
        RecordFixtures all = new RecordFixtures();
        all.plain();
        all.times();
        all.producers();
        all.sizes();
        all.special();
        all.blocks();
        Path file = root.resolve("records").resolve("batches.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, all.text());
    }

    /** One line for each record: short for git, readable for a person. */
    private String text() throws Exception {
        StringBuilder out = new StringBuilder("[");
        for (JsonNode fixture : fixtures) {
            out.append(out.length() == 1 ? "\n{" : ",\n{");
            for (String field : new String[] {"name", "options", "batch", "bytes"}) {
                out.append('"').append(field).append("\":").append(JSON.writeValueAsString(fixture.get(field)));
                out.append(",\n");
            }
            out.append("\"records\":[");
            String separator = "\n";
            for (JsonNode record : fixture.get("records")) {
                out.append(separator).append(JSON.writeValueAsString(record));
                separator = ",\n";
            }
            out.append("]}");
        }
        return out.append("\n]\n").toString();
    }

    private void plain() {
        for (CompressionType type : CompressionType.values()) {
            Spec spec = new Spec("keys and values, null or not, " + type);
            spec.compression = type;
            add(spec, b -> {
                b.append(NOW, utf8("key"), utf8("value"));
                b.append(NOW + 1, null, utf8("value"));
                b.append(NOW + 2, utf8("key"), null);
                b.append(NOW + 3, (byte[]) null, null);
                b.append(NOW + 4, utf8(""), utf8(""));
            });
            Spec headers = new Spec("headers, " + type);
            headers.compression = type;
            headers.baseOffset = 37;
            add(headers, b -> {
                b.append(NOW, utf8("k"), utf8("v"), new Header[] {
                    new RecordHeader("trace-id", utf8("4711")),
                    new RecordHeader("none", (byte[]) null),
                    new RecordHeader("empty", new byte[0]),
                    new RecordHeader("trace-id", utf8("4712")),
                    new RecordHeader("", utf8("no name")),
                    new RecordHeader("gr\u00fc\u00dfe \u65e5\u672c \ud83d\ude80", new byte[] {0, -1, 127, -128})
                });
                b.append(NOW, null, utf8("after"));
            });
            Spec many = new Spec("70 records, " + type);
            many.compression = type;
            add(many, b -> {
                for (int i = 0; i < 70; i++) b.append(NOW + i * 3L, null, utf8("record number " + i));
            });
        }
    }

    private void times() {
        for (long own : new long[] {NOW + 99, NOW}) {
            Spec append = new Spec("log append time, the records' own " + (NOW + 99 - own) + " ms earlier");
            append.timestampType = TimestampType.LOG_APPEND_TIME;
            append.logAppendTime = NOW + 99;
            append.baseOffset = 5;
            append.partitionLeaderEpoch = 12;
            add(append, b -> {
                b.append(own, utf8("a"), utf8("1"));
                b.append(own, utf8("b"), utf8("2"));
            });
        }
        Spec disorder = new Spec("timestamps in disorder and far apart");
        add(disorder, b -> {
            b.append(NOW, null, utf8("first"));
            b.append(NOW - 1, null, utf8("back by one"));
            b.append(0, null, utf8("1970"));
            b.append(NOW + 63, null, utf8("63"));
            b.append(NOW + 64, null, utf8("64"));
            b.append(NOW + (1L << 31), null, utf8("2^31"));
            b.append(NOW + (1L << 33), null, utf8("2^33"));
            b.append(253_402_300_799_999L, null, utf8("the year 9999"));
            b.append(NOW - (1L << 30), null, utf8("-2^30"));
            b.append(NOW - (1L << 30) - 1, null, utf8("-2^30 - 1"));
        });
        Spec none = new Spec("no timestamp");
        add(none, b -> {
            b.append(RecordBatch.NO_TIMESTAMP, null, utf8("x"));
            b.append(RecordBatch.NO_TIMESTAMP, null, utf8("y"));
        });
        Spec horizon = new Spec("delete horizon");
        horizon.deleteHorizonMs = NOW + 500;
        add(horizon, b -> {
            b.append(NOW, utf8("a"), null);
            b.append(NOW + 1000, utf8("b"), utf8("2"));
        });
    }

    private void producers() {
        Spec idempotent = new Spec("idempotent producer");
        idempotent.producerId = 4000L;
        idempotent.producerEpoch = 3;
        idempotent.baseSequence = 77;
        add(idempotent, b -> {
            b.append(NOW, utf8("a"), utf8("1"));
            b.append(NOW, utf8("b"), utf8("2"));
        });
        Spec wrap = new Spec("producer id above 2^53, sequence numbers that start again at 0");
        wrap.producerId = Long.MAX_VALUE;
        wrap.producerEpoch = Short.MAX_VALUE;
        wrap.baseSequence = Integer.MAX_VALUE - 1;
        wrap.isTransactional = true;
        add(wrap, b -> {
            for (int i = 0; i < 3; i++) b.append(NOW, null, utf8("v" + i));
        });
        for (ControlRecordType type : new ControlRecordType[] {ControlRecordType.ABORT, ControlRecordType.COMMIT}) {
            Spec marker = new Spec("control batch, " + type);
            marker.producerId = 9;
            marker.producerEpoch = 1;
            marker.isTransactional = true;
            marker.isControlBatch = true;
            marker.baseOffset = 1_000_000;
            marker.partitionLeaderEpoch = 4;
            add(marker, b -> b.appendEndTxnMarker(NOW, new EndTransactionMarker(type, 21)));
        }
    }

    private void sizes() {
        Spec lengths = new Spec("lengths around the borders of a varint's bytes");
        add(lengths, b -> {
            for (int size : new int[] {1, 62, 63, 64, 65, 100, 127, 128, 8191, 8192, 8193}) {
                b.append(NOW, null, pattern(size));
            }
            b.append(NOW, pattern(64), pattern(63), new Header[] {new RecordHeader("h".repeat(64), pattern(64))});
        });
        Spec offsets = new Spec("offset deltas up to 2^31 - 1");
        offsets.baseOffset = 1L << 40;
        add(offsets, b -> {
            long[] deltas = {0, 63, 64, 8191, 8192, 1 << 20, (1L << 27) - 1, 1L << 27, Integer.MAX_VALUE};
            for (long delta : deltas) {
                b.appendWithOffset(offsets.baseOffset + delta, NOW, null, utf8("d"));
            }
        });
        Spec zipped = new Spec("64 KiB that gzip makes small");
        zipped.compression = CompressionType.GZIP;
        add(zipped, b -> {
            for (int i = 0; i < 16; i++) b.append(NOW + i, null, new byte[4096]);
        });
    }

    /** What a codec does with several blocks, and with bytes that it cannot make smaller. */
    private void blocks() {
        for (CompressionType type : CompressionType.values()) {
            if (type == CompressionType.NONE) continue;
            Spec several = new Spec("200 KiB in several blocks, " + type);
            several.compression = type;
            add(several, b -> {
                for (int i = 0; i < 4; i++) {
                    b.append(NOW + i, null, new byte[10_000]);
                    b.append(NOW + i, null, pattern(40_000));
                }
            });
            Spec random = new Spec("nothing to compress, " + type);
            random.compression = type;
            add(random, b -> {
                byte[] value = new byte[300];
                new Random(7).nextBytes(value);
                b.append(NOW, null, value);
            });
        }
    }


    /** A batch that compaction emptied: a header alone. */
    private void special() {
        ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(buffer, RecordBatch.CURRENT_MAGIC_VALUE, 23L, (short) 5, 10, 3L, 8L, 293,
            TimestampType.CREATE_TIME, NOW, false, false);
        buffer.flip();
        Spec spec = new Spec("empty batch");
        spec.baseOffset = 3;
        spec.producerId = 23;
        spec.producerEpoch = 5;
        spec.baseSequence = 10;
        spec.partitionLeaderEpoch = 293;
        write(spec, buffer);
    }

    private void add(Spec spec, Filling filling) {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(256),
            RecordBatch.CURRENT_MAGIC_VALUE, Compression.of(spec.compression).build(), spec.timestampType,
            spec.baseOffset, spec.logAppendTime, spec.producerId, spec.producerEpoch, spec.baseSequence,
            spec.isTransactional, spec.isControlBatch, spec.partitionLeaderEpoch, 1 << 20, spec.deleteHorizonMs);
        filling.fill(builder);
        write(spec, builder.build().buffer());
    }

    private void write(Spec spec, ByteBuffer bytes) {
        ObjectNode fixture = fixtures.addObject();
        fixture.put("name", spec.name);
        ObjectNode options = fixture.putObject("options");
        options.put("compression", spec.compression.name);
        options.put("timestampType", spec.timestampType.name);
        options.put("baseOffset", spec.baseOffset);
        options.put("logAppendTime", spec.logAppendTime);
        options.put("producerId", Long.toString(spec.producerId));
        options.put("producerEpoch", spec.producerEpoch);
        options.put("baseSequence", spec.baseSequence);
        options.put("isTransactional", spec.isTransactional);
        options.put("isControlBatch", spec.isControlBatch);
        options.put("partitionLeaderEpoch", spec.partitionLeaderEpoch);
        options.put("deleteHorizonMs", spec.deleteHorizonMs);
        describe(MemoryRecords.readableRecords(bytes.duplicate()).batches().iterator().next(), fixture);
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        fixture.put("bytes", Base64.getEncoder().encodeToString(copy));
    }

    /** What Kafka reads from a batch. */
    static void describe(MutableRecordBatch batch, ObjectNode out) {
        batch.ensureValid();
        ObjectNode read = out.putObject("batch");
        read.put("checksum", batch.checksum());
        read.put("lastOffset", batch.lastOffset());
        read.put("maxTimestamp", batch.maxTimestamp());
        read.put("baseTimestamp", ((DefaultRecordBatch) batch).baseTimestamp());
        read.put("lastSequence", batch.lastSequence());
        read.put("count", batch.countOrNull());
        read.put("text", batch.toString());
        ArrayNode records = out.putArray("records");
        for (Record record : batch) {
            ArrayNode each = records.addArray();
            each.add(record.offset()).add(record.timestamp()).add(record.sequence()).add(record.sizeInBytes());
            each.add(base64(record.key())).add(base64(record.value()));
            if (record.headers().length == 0) continue;
            ArrayNode headers = each.addArray();
            for (Header header : record.headers()) {
                byte[] value = header.value();
                headers.addArray().add(header.key()).add(base64(value == null ? null : ByteBuffer.wrap(value)));
            }
        }
    }

    private static String base64(ByteBuffer bytes) {
        if (bytes == null) return null;
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        if (copy.length > 60 && Arrays.equals(copy, pattern(copy.length))) return "pattern:" + copy.length;
        if (copy.length > 60 && Arrays.equals(copy, new byte[copy.length])) return "zeros:" + copy.length;
        return Base64.getEncoder().encodeToString(copy);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] pattern(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) bytes[i] = (byte) (i * 7);
        return bytes;
    }
}
