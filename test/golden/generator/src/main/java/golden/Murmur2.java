package golden;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

/**
 * A million keys of 0 to 64 bytes, as digests of what Kafka makes of them.
 *
 * <pre>
 *   digests  [keys so far, CRC32C of their hashes, CRC32C of their partitions]
 * </pre>
 *
 * The keys come from a generator that every language has (xorshift, 32 bits): the length is a number
 * modulo 65, then each number gives four bytes, the lowest first. The digests are over four bytes for
 * each key, the highest first: murmur2 of the key, and its partition among 1 + key's number modulo 1000.
 */
final class Murmur2 {
    private static final int KEYS = 1_000_000;
    private static final int STEP = 100_000;

    private int state = 0x2545f491;

    private Murmur2() { }

    static ObjectNode collect() {
        ObjectNode all = Generator.JSON.createObjectNode();
        ArrayNode digests = all.putArray("digests");
        Murmur2 random = new Murmur2();
        CRC32C hashes = new CRC32C();
        CRC32C partitions = new CRC32C();
        for (int i = 0; i < KEYS; i++) {
            byte[] key = random.key();
            update(hashes, Utils.murmur2(key));
            update(partitions, BuiltInPartitioner.partitionForKey(key, 1 + i % 1000));
            if ((i + 1) % STEP == 0)
                digests.addArray().add(i + 1).add(hashes.getValue()).add(partitions.getValue());
        }
        return all;
    }

    private int next() {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state;
    }

    private byte[] key() {
        byte[] key = new byte[Integer.remainderUnsigned(next(), 65)];
        int bits = 0;
        for (int i = 0; i < key.length; i++) {
            if (i % 4 == 0) bits = next();
            key[i] = (byte) (bits >>> (8 * (i % 4)));
        }
        return key;
    }

    private static void update(CRC32C crc, int value) {
        for (int shift = 24; shift >= 0; shift -= 8) crc.update(value >>> shift & 0xff);
    }
}
