import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Java's consumer as a member of a mixed group; what it prints, tell.ts says. */
public final class GroupMember {
    /** What it has read and not committed yet: where to go on. */
    private static final Map<TopicPartition, Long> UNCOMMITTED = new HashMap<>();

    private static void tell(String event, String rest) {
        System.out.println("{\"at\":" + System.nanoTime() / 1_000 / 1000.0
            + ",\"event\":\"" + event + "\"," + rest + "}");
    }

    private static String numbers(Collection<TopicPartition> partitions) {
        return "\"partitions\":" + partitions.stream().map(TopicPartition::partition)
            .map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("group.id", arguments[2]);
        settings.put("key.deserializer", StringDeserializer.class.getName());
        settings.put("value.deserializer", StringDeserializer.class.getName());
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        settings.put("session.timeout.ms", "6000");
        settings.put("heartbeat.interval.ms", "500");
        settings.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer."
            + (arguments[3].equals("range") ? "RangeAssignor" : "CooperativeStickyAssignor"));
        AtomicBoolean leaving = new AtomicBoolean();
        Thread goodbye = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException e) {
                System.err.println(e);
            }
            leaving.set(true);
        });
        goodbye.setDaemon(true);
        goodbye.start();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    tell("assigned", numbers(partitions));
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                    UNCOMMITTED.keySet().removeAll(partitions);
                    tell("revoked", numbers(partitions));
                }
            });
            while (!leaving.get()) read(consumer);
        }
    }

    private static void read(KafkaConsumer<String, String> consumer) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<String, String>> of = records.records(partition);
            long next = of.get(of.size() - 1).offset() + 1;
            tell("records", "\"partition\":" + partition.partition()
                + ",\"from\":" + of.get(0).offset() + ",\"to\":" + (next - 1));
            UNCOMMITTED.put(partition, next);
            commit(consumer);
        }
        commit(consumer);
    }

    private static void commit(KafkaConsumer<String, String> consumer) {
        for (TopicPartition partition : List.copyOf(UNCOMMITTED.keySet())) {
            long next = UNCOMMITTED.get(partition);
            try {
                consumer.commitSync(Map.of(partition, new OffsetAndMetadata(next)));
            } catch (CommitFailedException | RebalanceInProgressException e) {
                System.err.println(e);
                continue;
            }
            UNCOMMITTED.remove(partition);
            tell("committed", "\"partition\":" + partition.partition() + ",\"offset\":" + next);
        }
    }
}
