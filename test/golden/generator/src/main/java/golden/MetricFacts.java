package golden;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.internals.FetchMetricsRegistry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.internals.SenderMetricsRegistry;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.MetricNameTemplate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.CompoundStat;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MeasurableStat;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.Quota;
import org.apache.kafka.common.metrics.Stat;
import org.apache.kafka.common.metrics.stats.Avg;
import org.apache.kafka.common.metrics.stats.CumulativeCount;
import org.apache.kafka.common.metrics.stats.CumulativeSum;
import org.apache.kafka.common.metrics.stats.Max;
import org.apache.kafka.common.metrics.stats.Min;
import org.apache.kafka.common.metrics.stats.Percentile;
import org.apache.kafka.common.metrics.stats.Percentiles;
import org.apache.kafka.common.metrics.stats.Percentiles.BucketSizing;
import org.apache.kafka.common.metrics.stats.Rate;
import org.apache.kafka.common.metrics.stats.SimpleRate;
import org.apache.kafka.common.metrics.stats.TokenBucket;
import org.apache.kafka.common.metrics.stats.WindowedCount;
import org.apache.kafka.common.metrics.stats.WindowedSum;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The metrics of a producer, a consumer and an admin client, and what stats make of numbers.
 *
 * <pre>
 *   producer  "group name": [the keys of its tags, description]
 *   consumer  of one without a group; what its topics and partitions have as well is
 *             "group name (topic)", "group name (partition)"
 *   consumerGroup  what one with a group has besides
 *   admin     of an admin client
 *   stats     "samples windowMs eventWindow": steps [msLater, what is recorded or null, what each
 *             stat measures then], the stats in the order of "order"
 * </pre>
 */
final class MetricFacts {
    private MetricFacts() { }

    static ObjectNode collect() throws Exception {
        ObjectNode all = Generator.JSON.createObjectNode();
        all.set("producer", producer());
        TreeMap<String, MetricName> alone = consumer(false);
        TreeMap<String, MetricName> inGroup = consumer(true);
        inGroup.keySet().removeAll(alone.keySet());
        all.set("consumer", facts(alone));
        all.set("consumerGroup", facts(inGroup));
        all.set("admin", facts(admin()));
        ObjectNode stats = Generator.JSON.createObjectNode();
        stats.set("order", order());
        for (long[] shape : new long[][] {{2, 1000, Long.MAX_VALUE}, {1, 300, Long.MAX_VALUE},
            {3, 1000, 4}, {11, 100, Long.MAX_VALUE}}) {
            String events = shape[2] == Long.MAX_VALUE ? "any" : String.valueOf(shape[2]);
            stats.set(shape[0] + " " + shape[1] + " " + events, steps(shape));
        }
        all.set("stats", stats);
        return all;
    }

    /** Of one that could not connect: those of its topics come from their templates. */
    private static ObjectNode producer() throws Exception {
        TreeMap<String, MetricName> names = new TreeMap<>();
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", "localhost:1");
        config.put("client.id", "any");
        config.put("enable.metrics.push", false);
        try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            while (names.keySet().stream().noneMatch(name -> name.startsWith("producer-node-metrics "))) {
                Thread.sleep(20);
                producer.metrics().keySet().forEach(n -> names.put(n.group() + " " + n.name(), n));
            }
        }
        Map<String, String> tags = new LinkedHashMap<>(Map.of("client-id", "any"));
        Metrics metrics = new Metrics(new MetricConfig().tags(tags));
        for (MetricNameTemplate template : new SenderMetricsRegistry(metrics).allTemplates()) {
            tags.put("topic", "any");
            boolean ofTopic = template.tags().contains("topic");
            MetricName name = new MetricName(template.name(), template.group(), template.description(),
                ofTopic ? tags : Map.of("client-id", "any"));
            names.put(name.group() + " " + name.name(), name);
        }
        return facts(names);
    }

    /** Of one that could not connect, with the templates of what it has fetched. */
    private static TreeMap<String, MetricName> consumer(boolean inGroup) throws Exception {
        TreeMap<String, MetricName> names = new TreeMap<>();
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", "localhost:1");
        config.put("client.id", "any");
        config.put("enable.metrics.push", false);
        if (inGroup) config.put("group.id", "any");
        try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (inGroup) consumer.subscribe(List.of("any"));
            else consumer.assign(List.of(new TopicPartition("any", 0)));
            while (names.keySet().stream().noneMatch(name -> name.startsWith("consumer-node-metrics "))) {
                consumer.poll(Duration.ofMillis(20));
                consumer.metrics().keySet().stream().filter(n -> !n.tags().containsKey("topic"))
                    .forEach(n -> names.put(n.group() + " " + n.name(), n));
            }
        }
        Set<String> tags = new LinkedHashSet<>(List.of("client-id"));
        for (MetricNameTemplate template : new FetchMetricsRegistry(tags, "consumer").getAllTemplates()) {
            String level = template.tags().contains("partition") ? " (partition)"
                : template.tags().contains("topic") ? " (topic)" : "";
            Map<String, String> keys = new HashMap<>();
            template.tags().forEach(tag -> keys.put(tag, "any"));
            names.put(template.group() + " " + template.name() + level,
                new MetricName(template.name(), template.group(), template.description(), keys));
        }
        return names;
    }

    /** Of one that could not connect. */
    private static TreeMap<String, MetricName> admin() throws Exception {
        TreeMap<String, MetricName> names = new TreeMap<>();
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", "localhost:1");
        config.put("client.id", "any");
        config.put("enable.metrics.push", false);
        try (Admin admin = Admin.create(config)) {
            while (names.keySet().stream().noneMatch(name -> name.startsWith("admin-client-node-metrics "))) {
                Thread.sleep(20);
                admin.metrics().keySet().forEach(n -> names.put(n.group() + " " + n.name(), n));
            }
        }
        return names;
    }

    private static ObjectNode facts(TreeMap<String, MetricName> names) {
        ObjectNode facts = Generator.JSON.createObjectNode();
        names.forEach((key, name) -> {
            ArrayNode fact = facts.putArray(key);
            ArrayNode keys = fact.addArray();
            name.tags().keySet().stream().sorted().forEach(keys::add);
            fact.add(name.description());
        });
        return facts;
    }

    private static Map<String, Stat> stats() {
        Map<String, Stat> stats = new LinkedHashMap<>();
        stats.put("Avg", new Avg());
        stats.put("Max", new Max());
        stats.put("Min", new Min());
        stats.put("WindowedCount", new WindowedCount());
        stats.put("WindowedSum", new WindowedSum());
        stats.put("CumulativeCount", new CumulativeCount());
        stats.put("CumulativeSum", new CumulativeSum());
        stats.put("Rate", new Rate());
        stats.put("Rate of counts per minute", new Rate(TimeUnit.MINUTES, new WindowedCount()));
        stats.put("Rate with a window of 2 s", new Rate(TimeUnit.SECONDS, new WindowedSum(), 2));
        stats.put("SimpleRate", new SimpleRate());
        stats.put("TokenBucket", new TokenBucket());
        stats.put("Percentile 90, constant", percentile(BucketSizing.CONSTANT));
        stats.put("Percentile 90, linear", percentile(BucketSizing.LINEAR));
        return stats;
    }

    private static Percentiles percentile(BucketSizing sizing) {
        MetricName name = new MetricName("p90", "group", "", Map.of());
        return new Percentiles(160, 0, 100, sizing, new Percentile(name, 90));
    }

    private static ArrayNode order() {
        ArrayNode names = Generator.JSON.createArrayNode();
        stats().keySet().forEach(names::add);
        return names;
    }

    private static ArrayNode steps(long[] shape) {
        MetricConfig config = new MetricConfig().samples((int) shape[0])
            .timeWindow(shape[1], TimeUnit.MILLISECONDS).eventWindow(shape[2]).quota(Quota.upperBound(50));
        Random random = new Random(42);
        Map<String, Stat> stats = stats();
        ArrayNode steps = Generator.JSON.createArrayNode();
        long now = 1_700_000_000_000L;
        for (int i = 0; i < 60; i++) {
            // Mostly within a window, now and then beyond all of them.
            int later = random.nextInt(8) == 0 ? random.nextInt((int) (shape[1] * (shape[0] + 2)))
                : random.nextInt((int) shape[1] / 2);
            now += later;
            boolean records = random.nextInt(4) > 0;
            double value = random.nextInt(12_000) / 100.0 - 5;
            ArrayNode step = steps.addArray().add(later);
            if (records) step.add(value);
            else step.addNull();
            ArrayNode measured = step.addArray();
            for (Stat stat : stats.values()) {
                if (records) stat.record(config, value, now);
                Measurable measurable = stat instanceof MeasurableStat && !(stat instanceof CompoundStat)
                    ? (MeasurableStat) stat : ((CompoundStat) stat).stats().get(0).stat();
                double result = measurable.measure(config, now);
                if (Double.isFinite(result)) measured.add(result);
                else measured.add(String.valueOf(result));
            }
        }
        return steps;
    }
}
