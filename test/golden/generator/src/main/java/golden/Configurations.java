package golden;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The settings of a client, without their prose.
 *
 * <pre>
 *   producer, consumer  name: [type, default, what is valid or null, importance, internal 0/1]
 * </pre>
 *
 * A default is the text that Kafka's documentation shows for it; null where null is the default, and
 * an empty array where there is none and the setting must be given. Some of TLS are the JVM's own.
 */
final class Configurations {
    private Configurations() { }

    static ObjectNode collect() {
        ObjectNode all = Generator.JSON.createObjectNode();
        all.set("producer", of(ProducerConfig.configDef()));
        all.set("consumer", of(ConsumerConfig.configDef()));
        return all;
    }

    private static ObjectNode of(ConfigDef definition) {
        ObjectNode settings = Generator.JSON.createObjectNode();
        new TreeMap<>(definition.configKeys()).forEach((name, key) -> {
            ArrayNode fact = settings.putArray(name).add(key.type.name().toLowerCase());
            if (key.hasDefault()) fact.add(ConfigDef.convertToString(key.defaultValue, key.type));
            else fact.addArray();
            fact.add(key.validator == null ? null : key.validator.toString());
            fact.add(key.importance.name().toLowerCase()).add(key.internalConfig ? 1 : 0);
        });
        return settings;
    }
}
