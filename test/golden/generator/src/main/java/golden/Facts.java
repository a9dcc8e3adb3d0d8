package golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * The facts of the protocol, without its prose.
 *
 * <pre>
 *   apis      id: [name, first version, last version, last stable version, listeners,
 *                  [request header version, response header version] for each version]
 *   errors    code: [name, class of the exception, the classes above it]
 *   messages  name: [valid versions, flexible versions, fields]
 *     field   [name, type, versions, nullable versions or 0, tag or -1, default or null,
 *              ignorable 0/1, fields of a struct]
 * </pre>
 */
final class Facts {
    private Facts() { }

    static ObjectNode collect() throws Exception {
        ObjectNode facts = Generator.JSON.createObjectNode();
        facts.set("apis", apis());
        facts.set("errors", errors());
        facts.set("messages", messages());
        return facts;
    }

    private static ObjectNode apis() {
        ObjectNode apis = Generator.JSON.createObjectNode();
        for (ApiKeys api : ApiKeys.values()) {
            ArrayNode fact = apis.putArray(String.valueOf(api.id));
            fact.add(api.name).add(api.oldestVersion()).add(api.latestVersion()).add(api.latestVersion(false));
            ArrayNode listeners = fact.addArray();
            for (var listener : ApiMessageType.ListenerType.values()) {
                if (api.inScope(listener)) listeners.add(listener.name().toLowerCase());
            }
            ArrayNode headers = fact.addArray();
            if (!api.hasValidVersion()) continue;
            for (short version : api.allVersions()) {
                headers.addArray().add(api.requestHeaderVersion(version)).add(api.responseHeaderVersion(version));
            }
        }
        return apis;
    }

    private static ObjectNode errors() {
        ObjectNode errors = Generator.JSON.createObjectNode();
        for (Errors error : Errors.values()) {
            ArrayNode fact = errors.putArray(String.valueOf(error.code())).add(error.name());
            if (error.exception() == null) continue;
            for (Class<?> c = error.exception().getClass(); c != RuntimeException.class; c = c.getSuperclass()) {
                fact.add(c.getSimpleName());
            }
        }
        return errors;
    }

    private static ObjectNode messages() throws Exception {
        ObjectNode messages = Generator.JSON.createObjectNode();
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) continue;
            message(messages, api.messageType.name + "Request");
            message(messages, api.messageType.name + "Response");
        }
        message(messages, "RequestHeader");
        message(messages, "ResponseHeader");
        message(messages, "ConsumerProtocolSubscription");
        message(messages, "ConsumerProtocolAssignment");
        return messages;
    }

    private static void message(ObjectNode messages, String name) throws Exception {
        JsonNode definition = Generator.definition(name);
        Map<String, JsonNode> common = new HashMap<>();
        for (JsonNode struct : definition.path("commonStructs")) common.put(struct.get("name").asText(), struct);
        ArrayNode fact = messages.putArray(name)
            .add(definition.get("validVersions").asText())
            .add(definition.get("flexibleVersions").asText());
        fields(fact.addArray(), definition, common);
    }

    private static void fields(ArrayNode out, JsonNode struct, Map<String, JsonNode> common) {
        for (JsonNode field : struct.get("fields")) {
            String type = field.get("type").asText();
            String base = type.startsWith("[]") ? type.substring(2) : type;
            boolean isStruct = Character.isUpperCase(base.charAt(0));
            String kind = isStruct ? "struct" : base.equals("int64") && Filler.isBig(field) ? "bigint64" : base;
            ArrayNode fact = out.addArray()
                .add(field.get("name").asText())
                .add(type.startsWith("[]") ? "[]" + kind : kind)
                .add(field.get("versions").asText());
            if (field.has("nullableVersions")) fact.add(field.get("nullableVersions").asText());
            else fact.add(0);
            fact.add(field.path("tag").asInt(-1));
            if (field.has("default")) fact.add(field.get("default").asText());
            else fact.addNull();
            fact.add(field.path("ignorable").asBoolean() ? 1 : 0);
            if (isStruct) fields(fact.addArray(), field.has("fields") ? field : common.get(base), common);
        }
    }
}
