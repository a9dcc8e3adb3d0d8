package golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Messages filled with values, as Kafka's own classes hold and write them.
 *
 * <p>A sample is {@code [version, mode, value, bytes in base64]}. The value is what Kafka's
 * JsonConverter says of the message after it was read back from the bytes, with three additions:
 * records (which the converter leaves empty), tagged fields that nobody knows, and 64-bit numbers as
 * text where JSON would lose digits.
 */
final class Samples {
    private static final String PACKAGE = "org.apache.kafka.common.message.";
    private static final long SAFE = (1L << 53) - 1;

    private final JsonNode definition;
    private final Class<?> type;
    private final Class<?> converter;

    private Samples(JsonNode definition) throws ClassNotFoundException {
        this.definition = definition;
        String suffix = definition.get("type").asText().equals("data") ? "" : "Data";
        this.type = Class.forName(PACKAGE + definition.get("name").asText() + suffix);
        this.converter = Class.forName(type.getName() + "JsonConverter");
    }

    static ArrayNode of(JsonNode definition) throws Exception {
        Samples samples = new Samples(definition);
        ArrayNode all = Generator.JSON.createArrayNode();
        Versions valid = Versions.parse(definition.get("validVersions").asText());
        for (int version = valid.min(); version <= valid.max(); version++) {
            for (Filler.Mode mode : Filler.Mode.values()) all.add(samples.sample((short) version, mode));
        }
        return all;
    }

    private ArrayNode sample(short version, Filler.Mode mode) throws Exception {
        long seed = 31L * definition.get("name").asText().hashCode() + 7L * version + mode.ordinal();
        ObjectNode filled = new Filler(definition, version, mode, seed).message();
        Message message = mode == Filler.Mode.DEFAULTS
            ? (Message) type.getConstructor().newInstance()
            : (Message) call(converter, "read", JsonNode.class, filled, version);
        boolean flexible = Versions.parse(definition.get("flexibleVersions").asText()).has(version);
        boolean unknown = flexible && mode == Filler.Mode.MIXED;
        if (unknown) addUnknownTags(message);

        ByteBuffer bytes = write(message, version);
        Message again = (Message) type.getConstructor(Readable.class, short.class)
            .newInstance(new ByteBufferAccessor(bytes.duplicate()), version);
        if (!again.equals(message) && mode != Filler.Mode.DEFAULTS) {
            throw new IllegalStateException("Kafka read something else than it wrote: " + message);
        }
        Method write = converter.getMethod("write", type, short.class);
        ObjectNode value = (ObjectNode) write.invoke(null, again, version);
        if (mode != Filler.Mode.DEFAULTS) copyRecords(filled, value);
        if (unknown) tellUnknownTags(again, value);
        textForLargeNumbers(value);

        return Generator.JSON.createArrayNode()
            .add(version)
            .add(mode.name().toLowerCase())
            .add(value)
            .add(Base64.getEncoder().encodeToString(bytes.array()));
    }

    private static ByteBuffer write(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        if (bytes.hasRemaining()) throw new IllegalStateException("size and write disagree");
        bytes.flip();
        return bytes;
    }

    private static Object call(Class<?> on, String name, Class<?> argument, Object value, short version)
            throws Exception {
        try {
            return on.getMethod(name, argument, short.class).invoke(null, value, version);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(on.getSimpleName() + " v" + version + ": " + value, e.getCause());
        }
    }

    // ---- tagged fields from the future, on the message and on the first element of its first list

    private static void addUnknownTags(Message message) throws Exception {
        message.unknownTaggedFields().add(new RawTaggedField(100, new byte[] {1, 2, 3}));
        message.unknownTaggedFields().add(new RawTaggedField(30_000, new byte[0]));
        Message inner = firstInner(message);
        if (inner != null) inner.unknownTaggedFields().add(new RawTaggedField(77, new byte[] {-1}));
    }

    private static void tellUnknownTags(Message message, ObjectNode value) throws Exception {
        tell(message, value);
        Message inner = firstInner(message);
        if (inner != null) tell(inner, (ObjectNode) value.get(firstList(message)).get(0));
    }

    private static void tell(Message message, ObjectNode value) {
        ArrayNode tags = value.putArray("unknownTaggedFields");
        for (RawTaggedField field : message.unknownTaggedFields()) {
            tags.addObject().put("tag", field.tag()).put("data", field.data());
        }
    }

    private static Message firstInner(Message message) throws Exception {
        String name = firstList(message);
        if (name == null) return null;
        Object list = message.getClass().getMethod(name).invoke(message);
        return (Message) ((Iterable<?>) list).iterator().next();
    }

    /** The name of the first field with a non-empty list of structs. */
    private static String firstList(Message message) throws Exception {
        for (var field : message.getClass().getDeclaredFields()) {
            if (!Iterable.class.isAssignableFrom(field.getType())) continue;
            if (field.getName().startsWith("_")) continue;
            Iterable<?> list = (Iterable<?>) message.getClass().getMethod(field.getName()).invoke(message);
            if (list == null) continue;
            Iterator<?> elements = list.iterator();
            if (elements.hasNext() && elements.next() instanceof Message) return field.getName();
        }
        return null;
    }

    // ---- what the converter does not say

    private static void copyRecords(JsonNode from, JsonNode to) {
        if (from instanceof ArrayNode) {
            for (int i = 0; i < from.size(); i++) copyRecords(from.get(i), to.get(i));
        } else if (from instanceof ObjectNode) {
            for (Map.Entry<String, JsonNode> entry : List.copyOf(from.properties())) {
                JsonNode target = to.get(entry.getKey());
                if (entry.getKey().equals("records")) {
                    ((ObjectNode) to).set("records", entry.getValue());
                } else if (target != null) {
                    copyRecords(entry.getValue(), target);
                }
            }
        }
    }

    private static void textForLargeNumbers(JsonNode node) {
        if (node instanceof ArrayNode) {
            node.forEach(Samples::textForLargeNumbers);
        } else if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> entry : List.copyOf(object.properties())) {
                JsonNode value = entry.getValue();
                if (value.isLong() && Math.abs(value.asLong()) > SAFE) {
                    object.put(entry.getKey(), value.asText());
                } else {
                    textForLargeNumbers(value);
                }
            }
        }
    }
}
