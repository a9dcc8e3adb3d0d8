package golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Makes up a value, as JSON, for every field that a version of a message has. */
final class Filler {
    /**
     * DEFAULTS: nothing set. FULL: everything set, every tagged field there. NULLS: null where it is
     * allowed, else empty. MIXED: some of each.
     */
    enum Mode { DEFAULTS, FULL, NULLS, MIXED }

    private static final String[] WORDS = {
        "orders", "a", "größe", "日本", "🦀 crab", "x".repeat(130), "topic-with.every_thing-0",
    };

    private final JsonNode definition;
    private final int version;
    private final Mode mode;
    private final Random random;
    private final Map<String, JsonNode> commonStructs = new HashMap<>();

    Filler(JsonNode definition, int version, Mode mode, long seed) {
        this.definition = definition;
        this.version = version;
        this.mode = mode;
        this.random = new Random(seed);
        for (JsonNode struct : definition.path("commonStructs")) {
            commonStructs.put(struct.get("name").asText(), struct);
        }
    }

    ObjectNode message() {
        return struct(definition);
    }

    private ObjectNode struct(JsonNode definition) {
        ObjectNode struct = JsonNodeFactory.instance.objectNode();
        for (JsonNode field : definition.get("fields")) {
            if (!versions(field, "versions").has(version)) continue;
            if (field.has("tag") && mode != Mode.FULL && random.nextBoolean()) continue;
            String name = field.get("name").asText();
            struct.set(Character.toLowerCase(name.charAt(0)) + name.substring(1), value(field));
        }
        return struct;
    }

    private JsonNode value(JsonNode field) {
        boolean nullable = field.has("nullableVersions") && versions(field, "nullableVersions").has(version);
        boolean asNull = mode == Mode.NULLS || mode == Mode.MIXED && random.nextInt(3) == 0;
        if (nullable && asNull) return JsonNodeFactory.instance.nullNode();
        String type = field.get("type").asText();
        if (!type.startsWith("[]")) return single(type, field);
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        int size = mode == Mode.FULL ? 1 + random.nextInt(2) : mode == Mode.NULLS ? (nested(field) ? 1 : 0) : random.nextInt(3);
        for (int i = 0; i < size; i++) array.add(single(type.substring(2), field));
        return array;
    }

    /** An empty outer array would hide the nulls inside. */
    private static boolean nested(JsonNode field) {
        return field.has("fields");
    }

    private JsonNode single(String type, JsonNode field) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        switch (type) {
            case "bool": return json.booleanNode(random.nextInt(4) != 0);
            case "int8": return json.numberNode((byte) random.nextInt());
            case "int16": return json.numberNode((short) random.nextInt());
            case "int32": return json.numberNode(random.nextBoolean() ? random.nextInt() : random.nextInt(1000));
            case "int64": return json.numberNode(isBig(field) ? random.nextLong() : random.nextLong() >> 11 + random.nextInt(40));
            case "float64": return json.numberNode(random.nextDouble());
            case "string": return json.textNode(WORDS[random.nextInt(WORDS.length)]);
            case "uuid": return json.textNode(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(16)));
            case "bytes":
            case "records": return json.binaryNode(bytes(random.nextInt(6) == 0 ? 130 : random.nextInt(20)));
            default: return struct(field.has("fields") ? field : commonStructs.get(type));
        }
    }

    /** Fields that may use all 64 bits; the others hold what a double holds. */
    static boolean isBig(JsonNode field) {
        return field.path("entityType").asText().equals("producerId")
            || field.path("default").asText().equals(Long.toString(Long.MAX_VALUE));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Versions versions(JsonNode field, String key) {
        return Versions.parse(field.get(key).asText());
    }
}
