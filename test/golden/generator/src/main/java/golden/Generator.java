package golden;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what test/protocol compares our schemas and codecs with, and test/producer our settings:
 *
 * <pre>
 *   facts.json     from the JSON definitions and the enums: APIs, errors, every field of every message
 *   messages/X.json  for one API: for each message and version some samples, as values and as bytes
 *   configurations.json  the settings of the producer: type, default, range, importance
 *   serializers.json  what serializers write, and deserializers refuse
 *   consumer-offsets.json  records of __consumer_offsets: values, and the bytes of the coordinator's serde
 *   murmur2.json   digests of the hashes of a million keys
 *   assignments.json  what the assignors give ten thousand random groups, as digests
 *   metrics.json   the metrics of a producer, a consumer, an admin client; what stats make of numbers
 * </pre>
 *
 * Nothing here depends on the clock or on chance: the same Kafka gives the same files, byte for byte.
 */
public final class Generator {
    /** The APIs with golden bytes: those of src/protocol/ApiKeys.ts. */
    private static final List<String> APIS = List.of(
        "Produce", "Fetch", "ListOffsets", "Metadata", "OffsetCommit", "OffsetFetch",
        "FindCoordinator", "JoinGroup", "Heartbeat", "LeaveGroup", "SyncGroup", "DescribeGroups",
        "ListGroups", "DeleteGroups", "OffsetDelete", "ApiVersions", "CreateTopics", "DeleteTopics", "InitProducerId",
        "OffsetForLeaderEpoch", "DescribeConfigs", "DescribeCluster", "ConsumerGroupDescribe", "DescribeTopicPartitions");

    static final ObjectMapper JSON = JsonMapper.builder()
        .configure(JsonParser.Feature.ALLOW_COMMENTS, true)
        .build();

    private Generator() { }

    public static void main(String[] arguments) throws Exception {
        Path out = Path.of(arguments[0]);
        Files.createDirectories(out.resolve("messages"));
        for (String api : APIS) {
            ObjectNode both = JSON.createObjectNode();
            both.set(api + "Request", Samples.of(definition(api + "Request")));
            both.set(api + "Response", Samples.of(definition(api + "Response")));
            write(out.resolve("messages/" + api + ".json"), both);
        }
        ObjectNode headers = JSON.createObjectNode();
        headers.set("RequestHeader", Samples.of(definition("RequestHeader")));
        headers.set("ResponseHeader", Samples.of(definition("ResponseHeader")));
        write(out.resolve("messages/Headers.json"), headers);
        ObjectNode consumerProtocol = JSON.createObjectNode();
        for (String name : List.of("ConsumerProtocolSubscription", "ConsumerProtocolAssignment")) {
            consumerProtocol.set(name, Samples.of(definition(name)));
        }
        write(out.resolve("messages/ConsumerProtocol.json"), consumerProtocol);
        write(out.resolve("facts.json"), Facts.collect());
        write(out.resolve("configurations.json"), Configurations.collect());
        write(out.resolve("serializers.json"), Serializers.collect());
        write(out.resolve("consumer-offsets.json"), ConsumerOffsets.collect());
        write(out.resolve("murmur2.json"), Murmur2.collect());
        write(out.resolve("assignments.json"), Assignments.collect());
        write(out.resolve("metrics.json"), MetricFacts.collect());
    }

    /** One of Kafka's own definitions, from the sources jar. */
    static JsonNode definition(String name) throws Exception {
        String path = "/common/message/" + name + ".json";
        try (InputStream in = Generator.class.getResourceAsStream(path)) {
            if (in == null) throw new IllegalStateException(path + " is not in the sources jar");
            return JSON.readTree(in);
        }
    }

    /** One line per entry of the outer two levels: short for git, readable for a person. */
    private static void write(Path file, ObjectNode content) throws Exception {
        List<String> sections = new ArrayList<>();
        content.fields().forEachRemaining(section -> {
            List<String> lines = new ArrayList<>();
            JsonNode body = section.getValue();
            if (body instanceof ArrayNode) {
                body.forEach(line -> lines.add(line.toString()));
                sections.add("\"" + section.getKey() + "\": [\n" + String.join(",\n", lines) + "\n]");
            } else {
                body.fields().forEachRemaining(line ->
                    lines.add("\"" + line.getKey() + "\": " + line.getValue()));
                sections.add("\"" + section.getKey() + "\": {\n" + String.join(",\n", lines) + "\n}");
            }
        });
        Files.writeString(file, "{\n" + String.join(",\n", sections) + "\n}\n");
    }
}
