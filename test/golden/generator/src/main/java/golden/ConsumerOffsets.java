package golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.util.Base64;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/**
 * The records of {@code __consumer_offsets} as a broker writes them, key and value.
 *
 * <p>A sample is {@code [version, mode, key, value, bytes of the key, bytes of the value]}, with null
 * for version and value where the record is a tombstone. The bytes are what Kafka's
 * GroupCoordinatorRecordSerde gives, and it was made to read them again.
 */
final class ConsumerOffsets {
    private static final String PACKAGE = "org.apache.kafka.coordinator.group.generated.";
    private static final Map<String, String> TYPES = Map.of(
        "LegacyOffsetCommit", "LEGACY_OFFSET_COMMIT",
        "OffsetCommit", "OFFSET_COMMIT",
        "GroupMetadata", "GROUP_METADATA");

    private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();

    private ConsumerOffsets() { }

    static ObjectNode collect() throws Exception {
        ConsumerOffsets records = new ConsumerOffsets();
        ObjectNode all = Generator.JSON.createObjectNode();
        for (String name : TYPES.keySet().stream().sorted().toList()) {
            all.set(TYPES.get(name), records.samplesOf(name));
        }
        return all;
    }

    private ArrayNode samplesOf(String name) throws Exception {
        JsonNode key = definition(name + "Key");
        JsonNode value = definition(name + "Value");
        ArrayNode samples = Generator.JSON.createArrayNode();
        Versions valid = Versions.parse(value.get("validVersions").asText());
        for (int version = valid.min(); version <= valid.max(); version++) {
            for (Filler.Mode mode : Filler.Mode.values()) samples.add(sample(key, value, (short) version, mode));
        }
        samples.add(sample(key, null, (short) 0, Filler.Mode.FULL));
        return samples;
    }

    private ArrayNode sample(JsonNode keyDefinition, JsonNode valueDefinition, short version, Filler.Mode mode)
            throws Exception {
        ApiMessage key = filled(keyDefinition, (short) 0, mode);
        ApiMessage value = valueDefinition == null ? null : filled(valueDefinition, version, mode);
        CoordinatorRecord written = value == null
            ? CoordinatorRecord.tombstone(key)
            : CoordinatorRecord.record(key, new ApiMessageAndVersion(value, version));
        byte[] keyBytes = serde.serializeKey(written);
        byte[] valueBytes = serde.serializeValue(written);
        CoordinatorRecord read = serde.deserialize(
            java.nio.ByteBuffer.wrap(keyBytes),
            valueBytes == null ? null : java.nio.ByteBuffer.wrap(valueBytes));
        if (!read.equals(written)) throw new IllegalStateException("Kafka read something else: " + read);

        ArrayNode sample = Generator.JSON.createArrayNode();
        if (value == null) sample.addNull(); else sample.add(version);
        sample.add(mode.name().toLowerCase()).add(json(key, (short) 0));
        if (value == null) sample.addNull(); else sample.add(json(value, version));
        sample.add(Base64.getEncoder().encodeToString(keyBytes));
        if (value == null) sample.addNull(); else sample.add(Base64.getEncoder().encodeToString(valueBytes));
        return sample;
    }

    private static ApiMessage filled(JsonNode definition, short version, Filler.Mode mode) throws Exception {
        Class<?> type = Class.forName(PACKAGE + definition.get("name").asText());
        if (mode == Filler.Mode.DEFAULTS) return (ApiMessage) type.getConstructor().newInstance();
        long seed = 31L * definition.get("name").asText().hashCode() + 7L * version + mode.ordinal();
        ObjectNode filled = new Filler(definition, version, mode, seed).message();
        return (ApiMessage) converter(type).getMethod("read", JsonNode.class, short.class)
            .invoke(null, filled, version);
    }

    private static JsonNode json(ApiMessage message, short version) throws Exception {
        return (JsonNode) converter(message.getClass()).getMethod("write", message.getClass(), short.class)
            .invoke(null, message, version);
    }

    private static Class<?> converter(Class<?> type) throws ClassNotFoundException {
        return Class.forName(type.getName() + "JsonConverter");
    }

    private static JsonNode definition(String name) throws Exception {
        String path = "/common/message/" + name + ".json";
        try (InputStream in = ConsumerOffsets.class.getResourceAsStream(path)) {
            if (in == null) throw new IllegalStateException(path + " is not in the sources jar");
            return Generator.JSON.readTree(in);
        }
    }
}
