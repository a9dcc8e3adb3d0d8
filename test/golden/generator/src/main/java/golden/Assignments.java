package golden;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Ten thousand groups, and what Kafka's four assignors give their members.
 *
 * <pre>
 *   digests  of each five hundred groups [groups so far, CRC32C of the subscriptions' bytes, and of
 *             the results of range, roundrobin, sticky, cooperative-sticky]
 *   failures assignor: [group, …], where Java's ends with a NullPointerException, because a member
 *             that had a partition in an older generation has no part in the search for balance.
 *             Nothing of that round is in the digests, and there is no second.
 *   samples  some small groups in words
 * </pre>
 *
 * The groups come from a generator that every language has (xorshift, 32 bits); the order in which
 * numbers are drawn is that of test/consumer/assignors/support/randomGroups.ts, and none may be
 * drawn elsewhere. A result is the text "member=partition,partition;…" in the order of the map that
 * the assignor returns. To every fourth group the sticky ones assign twice: the second time the
 * first member is gone, a new one is there, and each says what it got the first time.
 * Subscriptions go through bytes: first those that the sticky assignor reads, then those for the
 * other three, then those of second rounds.
 *
 * No group has 12 members, 24 and so on: there the order of the members in a sticky result changed
 * between JDK 17 and 21, with the size of a copied HashMap.
 */
final class Assignments {
    private static final int GROUPS = 10_000;
    private static final int STEP = 500;
    private static final int SAMPLES = 8;
    private static final int ROUNDS_APART = 4;
    private static final int NEXT_GENERATION = 6;

    private int state = 0x2545f491;

    private final ObjectNode failures;
    private final CRC32C subscriptionBytes = new CRC32C();
    private final Map<String, CRC32C> results = new LinkedHashMap<>();
    private final Map<String, Supplier<ConsumerPartitionAssignor>> assignors = new LinkedHashMap<>();

    private Assignments(ObjectNode failures) {
        this.failures = failures;
        assignors.put("range", RangeAssignor::new);
        assignors.put("roundrobin", RoundRobinAssignor::new);
        assignors.put("sticky", StickyAssignor::new);
        assignors.put("cooperative-sticky", CooperativeStickyAssignor::new);
        assignors.keySet().forEach(name -> results.put(name, new CRC32C()));
    }

    /** A member, before it is put into words that an assignor reads. */
    private static final class Member {
        String id;
        List<String> topics = new ArrayList<>();
        String instance;
        String rack;
        int generation;
        boolean noted;
        boolean old;
        int version;
        List<TopicPartition> owned = new ArrayList<>();
    }

    static ObjectNode collect() {
        ObjectNode all = Generator.JSON.createObjectNode();
        ArrayNode digests = all.putArray("digests");
        Assignments run = new Assignments(all.putObject("failures"));
        ArrayNode samples = all.putArray("samples");
        for (int i = 0; i < GROUPS; i++) {
            ObjectNode sample = run.group(i);
            if (sample != null && samples.size() < SAMPLES) samples.add(sample);
            if ((i + 1) % STEP == 0) {
                ArrayNode line = digests.addArray().add(i + 1).add(run.subscriptionBytes.getValue());
                run.results.values().forEach(crc -> line.add(crc.getValue()));
                run.subscriptionBytes.reset();
                run.results.values().forEach(CRC32C::reset);
            }
        }
        return all;
    }

    private int below(int bound) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return Integer.remainderUnsigned(state, bound);
    }

    /** @return the group in words if it is small */
    private ObjectNode group(int number) {
        int size = 1 + below(below(10) == 0 ? 18 : 5);
        if (size >= 12) size++;
        int topicCount = 1 + below(4);
        boolean racks = below(2) == 0;
        boolean same = below(2) == 0;
        boolean statics = below(4) == 0;
        int past = below(4);

        Map<String, Integer> topics = new LinkedHashMap<>();
        Cluster cluster = cluster(topicCount, racks, topics);
        List<Member> members = new ArrayList<>();
        for (int j = 0; j < size; j++)
            members.add(member(j, List.copyOf(topics.keySet()), same, statics, racks, past));
        own(topics, members, past);

        ObjectNode sample = Generator.JSON.createObjectNode();
        topics.forEach(sample.putObject("partitions")::put);
        members.forEach(m -> describe(m, sample.withObject("/members")));
        Map<String, Subscription> sticky = subscriptions(true, members);
        Map<String, Subscription> others = subscriptions(false, members);
        assignors.forEach((name, assignor) -> {
            Map<String, Subscription> first = name.equals("sticky") ? sticky : others;
            sample.put(name, assign(name, assignor.get(), cluster, members, first, number));
        });
        return size <= 4 && topicCount <= 3 ? sample : null;
    }

    private Cluster cluster(int topicCount, boolean racks, Map<String, Integer> topics) {
        Node[] nodes = new Node[4];
        for (int k = 0; k < 4; k++) nodes[k] = new Node(k, "host", 9092, racks ? "rack-" + k % 3 : null);
        List<PartitionInfo> infos = new ArrayList<>();
        for (int i = 0; i < topicCount; i++) {
            String topic = "topic-" + below(1000) + "-" + i;
            int count = below(10) == 0 ? 0 : 1 + below(9);
            topics.put(topic, count);
            for (int p = 0; p < count; p++) {
                Node[] replicas = new Node[1 + below(3)];
                int first = below(4);
                for (int k = 0; k < replicas.length; k++) replicas[k] = nodes[(first + k) % 4];
                infos.add(new PartitionInfo(topic, p, replicas[0], replicas, replicas));
            }
        }
        return new Cluster("cluster", List.of(nodes), infos, Set.of(), Set.of());
    }

    private Member member(int j, List<String> topics, boolean same, boolean statics, boolean racks, int past) {
        Member m = new Member();
        m.id = "consumer-" + below(1_000_000) + "-" + j;
        for (String topic : topics) if (same || below(2) == 0) m.topics.add(topic);
        if (m.topics.isEmpty() && below(4) != 0) m.topics.add(topics.get(below(topics.size())));
        if (statics && below(2) == 0) m.instance = "instance-" + below(1000) + "-" + j;
        if (racks && below(5) != 0) m.rack = "rack-" + below(3);
        m.generation = switch (past) {
            case 0 -> -1;
            case 1 -> 5;
            case 2 -> below(5) == 0 ? -1 : 3 + below(3);
            default -> 5 - below(2);
        };
        m.noted = past != 3 || below(3) != 0;
        m.old = below(5) == 0;
        m.version = below(10) == 0 ? below(4) : 3;
        return m;
    }

    private void own(Map<String, Integer> topics, List<Member> members, int past) {
        if (past == 0) return;
        topics.forEach((topic, count) -> {
            for (int p = 0; p < count; p++) {
                int claims = past == 2 ? below(3) : below(4) == 0 ? 0 : 1;
                for (int c = 0; c < claims; c++) {
                    Member m = members.get(below(members.size()));
                    TopicPartition partition = new TopicPartition(topic, p);
                    boolean may = past != 1 || m.topics.contains(topic);
                    if (may && !m.owned.contains(partition)) m.owned.add(partition);
                }
            }
        });
        if (past == 2 && below(3) == 0)
            members.get(below(members.size())).owned.add(new TopicPartition("gone", 0));
    }

    private String assign(String name, ConsumerPartitionAssignor assignor, Cluster cluster, List<Member> members,
                          Map<String, Subscription> subscriptions, int number) {
        Map<String, Assignment> first;
        try {
            first = assignor.assign(cluster, new GroupSubscription(subscriptions)).groupAssignment();
        } catch (NullPointerException e) {
            failures.withArray(name).add(number);
            return "fails";
        }
        String text = text(name, first);
        if (!name.contains("sticky") || number % ROUNDS_APART != 0) return text;

        List<Member> next = new ArrayList<>();
        for (Member member : members) {
            if (member == members.get(0) && members.size() > 1) continue;
            next.add(again(member, member.id, first.get(member.id).partitions()));
        }
        next.add(again(members.get(0), "consumer-new-" + number, List.of()));
        subscriptions = subscriptions(name.equals("sticky"), next);
        return text + " then " + text(name, assignor.assign(cluster, new GroupSubscription(subscriptions)).groupAssignment());
    }

    private static Member again(Member before, String id, List<TopicPartition> owned) {
        Member m = new Member();
        m.id = id;
        m.topics = before.topics;
        m.rack = before.rack;
        m.generation = owned.isEmpty() ? -1 : NEXT_GENERATION;
        m.noted = true;
        m.version = before.version;
        m.owned = new ArrayList<>(owned);
        return m;
    }

    private Map<String, Subscription> subscriptions(boolean sticky, List<Member> members) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        for (Member m : members) {
            ByteBuffer bytes = ConsumerProtocol.serializeSubscription(subscription(sticky, m), (short) m.version);
            subscriptionBytes.update(bytes.duplicate());
            Subscription read = ConsumerProtocol.deserializeSubscription(bytes);
            read.setGroupInstanceId(Optional.ofNullable(m.instance));
            subscriptions.put(m.id, read);
        }
        return subscriptions;
    }

    private static Subscription subscription(boolean sticky, Member m) {
        ConsumerGroupMetadata metadata = new ConsumerGroupMetadata("group", m.generation, m.id, Optional.empty());
        ConsumerPartitionAssignor noting = sticky ? new StickyAssignor() : new CooperativeStickyAssignor();
        if (m.noted) noting.onAssignment(new Assignment(m.owned), metadata);
        List<TopicPartition> owned = sticky ? List.of() : m.owned;
        return new Subscription(m.topics, noting.subscriptionUserData(Set.copyOf(m.topics)), owned,
            m.old ? -1 : m.generation, Optional.ofNullable(m.rack));
    }

    private String text(String name, Map<String, Assignment> assignment) {
        StringBuilder text = new StringBuilder();
        assignment.forEach((member, gets) -> {
            List<String> partitions = new ArrayList<>();
            gets.partitions().forEach(p -> partitions.add(p.toString()));
            text.append(member).append('=').append(String.join(",", partitions)).append(';');
        });
        results.get(name).update(text.toString().getBytes(StandardCharsets.UTF_8));
        return text.toString();
    }

    private static void describe(Member m, ObjectNode members) {
        ObjectNode words = members.putObject(m.id);
        words.put("topics", String.join(",", m.topics));
        if (m.instance != null) words.put("instance", m.instance);
        if (m.rack != null) words.put("rack", m.rack);
        if (m.generation >= 0) words.put("generation", m.generation);
        if (!m.owned.isEmpty()) words.put("owned", String.join(",", m.owned.stream().map(Object::toString).toList()));
    }
}
