import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;

/**
 * Kafka's own tools, many times in one JVM: to start one takes longer than all that they are asked.
 *
 * <pre>
 *   in   one line per run: the tool's class, the arguments, with tabs between them
 *   out  one line per run: exit code, standard output, standard error, the last two in base64
 * </pre>
 */
public final class KafkaTool {
    private record Ended(int code, String out, String err) { }

    private static final class Exited extends RuntimeException { }

    private KafkaTool() { }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Ended ended = run(line.split("\t", -1));
            answers.println(ended.code() + " " + ended.out() + " " + ended.err());
            answers.flush();
        }
    }

    private static Ended run(String[] words) throws ReflectiveOperationException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true));
        System.setErr(new PrintStream(err, true));
        Ended[] exit = new Ended[1];
        // A process would be gone here; what the tool prints on its way out of this call does not
        // count.
        Exit.setExitProcedure((code, message) -> {
            if (exit[0] == null) exit[0] = ended(code, out, err);
            throw new Exited();
        });
        try {
            String[] arguments = Arrays.copyOfRange(words, 1, words.length);
            Class.forName(words[0]).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            if (exit[0] != null) return exit[0];
            // Options that cannot be parsed end the process with a stack trace.
            e.getCause().printStackTrace();
            return ended(1, out, err);
        }
        return exit[0] != null ? exit[0] : ended(0, out, err);
    }

    private static Ended ended(int code, ByteArrayOutputStream out, ByteArrayOutputStream err) {
        Base64.Encoder encoder = Base64.getEncoder();
        return new Ended(code, encoder.encodeToString(out.toByteArray()), encoder.encodeToString(err.toByteArray()));
    }
}
