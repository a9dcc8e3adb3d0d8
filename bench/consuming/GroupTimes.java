import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long Java's consumers take to share a topic, and to share it anew when one leaves: what
 * groups.ts measures of ours. Prints both in milliseconds, one group after the other.
 *
 * <p>Arguments: bootstrap servers, topic, its partitions, members, rounds.
 */
public final class GroupTimes {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long DEADLINE_MS = 60_000;

    /** One member: a thread that polls until it is told to leave. */
    private static final class Member extends Thread {
        private final Properties settings;
        private final String topic;
        private final AtomicBoolean leaving = new AtomicBoolean();
        private volatile Set<TopicPartition> owned = Set.of();

        Member(Properties settings, String topic) {
            this.settings = settings;
            this.topic = topic;
        }

        @Override
        public void run() {
            try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
                consumer.subscribe(List.of(topic));
                while (!leaving.get()) {
                    consumer.poll(POLL);
                    owned = Set.copyOf(consumer.assignment());
                }
            }
            owned = Set.of();
        }
    }

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        int partitions = Integer.parseInt(arguments[2]);
        int members = Integer.parseInt(arguments[3]);
        int rounds = Integer.parseInt(arguments[4]);
        for (int round = 0; round < rounds; round++) {
            Properties settings = new Properties();
            settings.put("bootstrap.servers", arguments[0]);
            settings.put("group.id", topic + "-java-" + ProcessHandle.current().pid() + "-" + round);
            settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
            settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
            List<Member> group = new ArrayList<>();
            for (int i = 0; i < members; i++) group.add(new Member(settings, topic));
            long started = System.nanoTime();
            group.forEach(Thread::start);
            awaitShared(group, partitions);
            long joinMs = (System.nanoTime() - started) / 1_000_000;
            Member first = group.remove(0);
            started = System.nanoTime();
            first.leaving.set(true);
            awaitShared(group, partitions);
            long rebalanceMs = (System.nanoTime() - started) / 1_000_000;
            System.out.println(joinMs + " " + rebalanceMs);
            for (Member member : group) member.leaving.set(true);
            for (Member member : group) member.join();
            first.join();
        }
    }

    /** Until every partition is owned, by one member, and no member has more than its share. */
    private static void awaitShared(List<Member> group, int partitions) throws InterruptedException {
        int share = (partitions + group.size() - 1) / group.size();
        long deadline = System.currentTimeMillis() + DEADLINE_MS;
        while (true) {
            Set<TopicPartition> all = ConcurrentHashMap.newKeySet();
            int owned = 0;
            boolean fair = true;
            for (Member member : group) {
                Set<TopicPartition> own = member.owned;
                all.addAll(own);
                owned += own.size();
                fair &= own.size() <= share;
            }
            if (fair && owned == partitions && all.size() == partitions) return;
            if (System.currentTimeMillis() > deadline) throw new IllegalStateException("not shared");
            Thread.sleep(1);
        }
    }
}
