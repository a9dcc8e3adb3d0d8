package golden;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;

/**
 * What Kafka's serializers write, and what its deserializers make of odd bytes.
 *
 * <pre>
 *   values   [serde, value, hex]             a Long is a text, a Float the double that it is
 *   strings  [encoding, text, hex]           and back: [encoding, hex, text] under "decoded"
 *   uuids    [text, UUID, or null: refused]  what a UUID may look like in a topic
 *   lists    [serde of the entries, values, hex]
 *   refused  [serde of the entries, hex]     bytes that are no list
 *   bytes    [hex, Bytes.toString()]
 * </pre>
 */
final class Serializers {
    private static final String TOPIC = "topic";
    private static final List<String> ENCODINGS =
        List.of("UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE", "ISO-8859-1", "US-ASCII");

    private final ObjectNode all = Generator.JSON.createObjectNode();

    private Serializers() { }

    static ObjectNode collect() {
        Serializers serializers = new Serializers();
        serializers.values();
        serializers.strings();
        serializers.uuids();
        serializers.lists();
        serializers.refused();
        serializers.bytes();
        return serializers.all;
    }

    private void values() {
        ArrayNode lines = all.putArray("values");
        for (short v : new short[] {0, 1, -1, 258, 32767, -32768})
            put(lines.addArray().add("Short").add(v), Serdes.Short().serializer(), v);
        for (int v : new int[] {0, 1, -2, 258, 423412424, -41243432, Integer.MAX_VALUE, Integer.MIN_VALUE})
            put(lines.addArray().add("Integer").add(v), Serdes.Integer().serializer(), v);
        for (long v : new long[] {0, 1, -1, 258, 1L << 32, -(1L << 32), (1L << 53) - 1, 1 - (1L << 53)})
            put(lines.addArray().add("Long").add(Long.toString(v)), Serdes.Long().serializer(), v);
        for (long v : new long[] {0, -1, 922337203685477580L, Long.MAX_VALUE, Long.MIN_VALUE})
            put(lines.addArray().add("BigLong").add(Long.toString(v)), Serdes.Long().serializer(), v);
        for (float v : new float[] {0f, -0f, 1f, 0.1f, 5678567.12312f, -5678567.12341f, Float.MIN_VALUE,
            Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN})
            put(lines.addArray().add("Float").add(number(v)), Serdes.Float().serializer(), v);
        for (double v : new double[] {0d, -0d, 1d, 0.1d, 5678567.12312d, -5678567.12341d, Double.MIN_VALUE,
            Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN})
            put(lines.addArray().add("Double").add(number(v)), Serdes.Double().serializer(), v);
        for (boolean v : new boolean[] {true, false})
            put(lines.addArray().add("Boolean").add(v), Serdes.Boolean().serializer(), v);
        UUID uuid = UUID.fromString("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6");
        put(lines.addArray().add("UUID").add("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6"), Serdes.UUID().serializer(), uuid);
        byte[] some = HexFormat.of().parseHex("00017f80ff");
        put(lines.addArray().add("ByteArray").add("00017f80ff"), Serdes.ByteArray().serializer(), some);
        put(lines.addArray().add("Bytes").add("00017f80ff"), Serdes.Bytes().serializer(), Bytes.wrap(some));
        put(lines.addArray().add("ByteBuffer").add("00017f80ff"), Serdes.ByteBuffer().serializer(), ByteBuffer.wrap(some));
    }

    /** A text: JSON has no NaN, and would lose the sign of a zero. */
    private static String number(double value) {
        if (Double.isNaN(value)) return "NaN";
        if (Double.isInfinite(value)) return value > 0 ? "Infinity" : "-Infinity";
        return Double.toString(value);
    }

    private void strings() {
        ArrayNode encoded = all.putArray("strings");
        ArrayNode decoded = all.putArray("decoded");
        for (String encoding : ENCODINGS) {
            Serde<String> serde = Serdes.String();
            serde.configure(Map.of("serializer.encoding", encoding, "deserializer.encoding", encoding), false);
            for (String text : List.of("", "abc", "Zoë €5", "日本語", "a😀b"))
                put(encoded.addArray().add(encoding).add(text), serde.serializer(), text);
            for (String hex : List.of("", "61", "6162", "c3a9", "feff0061", "fffe6100", "00e920ac", "d83dde00", "80ff", "616263"))
                decoded.addArray().add(encoding).add(hex)
                    .add(serde.deserializer().deserialize(TOPIC, HexFormat.of().parseHex(hex)));
        }
    }

    private void uuids() {
        ArrayNode lines = all.putArray("uuids");
        for (String text : List.of("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
            "1-2-3-4-5", "123456789-12345-12345-12345-1234567", "0-0-0-0-0", "f81d4fae7dec11d0a76500a0c91e6bf6",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6a", "f81d4fae-7dec-11d0-a765-00a0c91e6bfg", "", "1-2-3-4", "1-2-3-4-",
            "1-2-3-4-5-6", "7fffffffffffffff-1-1-1-1", "8000000000000000-1-1-1-1", "00000000000000000001-1-1-1-1", "-1-2-3-4")) {
            String read;
            try {
                read = Serdes.UUID().deserializer().deserialize(TOPIC, text.getBytes()).toString();
            } catch (RuntimeException refused) {
                read = null;
            }
            lines.addArray().add(text).add(read);
        }
    }

    private void lists() {
        ArrayNode lines = all.putArray("lists");
        for (List<Integer> list : lists(1, -1, 70000)) list(lines, "Integer", Serdes.Integer(), list);
        for (List<Short> list : lists((short) 1, (short) -1, (short) 700)) list(lines, "Short", Serdes.Short(), list);
        for (List<Long> list : lists(1L, -1L, 1L << 40)) list(lines, "Long", Serdes.Long(), list);
        for (List<Float> list : lists(1f, -1.5f, 2.25f)) list(lines, "Float", Serdes.Float(), list);
        for (List<Double> list : lists(1d, -1.5d, 0.1d)) list(lines, "Double", Serdes.Double(), list);
        for (List<String> list : lists("A", "", "日本")) list(lines, "String", Serdes.String(), list);
        for (List<Boolean> list : lists(true, false, true)) list(lines, "Boolean", Serdes.Boolean(), list);
        UUID uuid = UUID.fromString("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
        for (List<UUID> list : lists(uuid, uuid, uuid)) list(lines, "UUID", Serdes.UUID(), list);
    }

    private static <T> List<List<T>> lists(T a, T b, T c) {
        return List.of(new ArrayList<>(), Arrays.asList(a, b, c), Arrays.asList(a, null, c), Arrays.asList(null, null));
    }

    private static <T> void list(ArrayNode lines, String name, Serde<T> inner, List<T> list) {
        ArrayNode line = lines.addArray().add(name);
        ArrayNode values = line.addArray();
        for (T value : list) values.addPOJO(value instanceof UUID ? value.toString() : value);
        put(line, Serdes.ListSerde(ArrayList.class, inner).serializer(), list);
    }

    private void refused() {
        ArrayNode lines = all.putArray("refused");
        for (String hex : List.of("", "02", "01", "01ffffffff", "01000000ff", "0100000001fffffffe", "01000000010000ffff",
            "00ffffffff", "00000000ff", "0000000000", "0000000000ffffffff", "0000000000000000ff", "000000000000000001",
            "0000000001000000")) {
            Deserializer<?> list = Serdes.ListSerde(ArrayList.class, Serdes.Integer()).deserializer();
            try {
                Object read = list.deserialize(TOPIC, HexFormat.of().parseHex(hex));
                throw new IllegalStateException(hex + " is a list: " + read);
            } catch (org.apache.kafka.common.KafkaException refused) {
                lines.addArray().add("Integer").add(hex);
            }
        }
    }

    private void bytes() {
        ArrayNode lines = all.putArray("bytes");
        for (String hex : List.of("", "616263", "00017f80ff", "5c207e"))
            lines.addArray().add(hex).add(Bytes.wrap(HexFormat.of().parseHex(hex)).toString());
    }

    private static <T> void put(ArrayNode line, Serializer<T> serializer, T value) {
        line.add(HexFormat.of().formatHex(serializer.serialize(TOPIC, value)));
    }
}
