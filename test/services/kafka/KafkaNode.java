import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.common.utils.internals.AppInfoParser;

/**
 * One node of Kafka, broker and controller, as the distribution's own main class starts it, and what the distribution has tools for, asked over
 * the standard input: a tool of its own would take a second to start.
 *
 * Arguments: the file of properties, the cluster's id, the address that commands go to, then credentials as the storage tool's --add-scram takes
 * them. Formats the storage where it is not formatted. Says "started VERSION" when the broker serves; then reads commands, one a line, in fields
 * divided by tabs, the first an identifier, and answers each with "answer IDENTIFIER ok JSON" or "answer IDENTIFIER error MESSAGE". Ends properly
 * by SIGTERM, and at once, as by SIGKILL, when the standard input ends: whoever started it is gone.
 */
final class KafkaNode {
  public static void main(final String[] args) throws Exception {
    final BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    final Thread commands = new Thread(() -> serve(input, args[2]), "commands");
    try {
      final Properties properties = Utils.loadProps(args[0]);
      if (!Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"))) format(args);
      final KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
      Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
      // Before the start: who started it may go meanwhile.
      commands.start();
      server.startup();
      System.out.println("started " + AppInfoParser.getVersion());
      server.awaitShutdown();
    } catch (final Throwable e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private static void format(final String[] args) {
    final List<String> format = new ArrayList<>(List.of("format", "-c", args[0], "-t", args[1]));
    for (final String credential : Arrays.asList(args).subList(3, args.length)) format.addAll(List.of("--add-scram", credential));
    if (StorageTool.execute(format.toArray(new String[0]), System.err) != 0) throw new IllegalStateException("the storage cannot be formatted");
  }

  private static void serve(final BufferedReader input, final String address) {
    try (KafkaCommands commands = new KafkaCommands(address)) {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        final String[] fields = line.split("\t", -1);
        System.out.println("answer " + fields[0] + " " + commands.answer(Arrays.asList(fields).subList(1, fields.length)));
      }
    } catch (final Exception e) {
      e.printStackTrace();
    }
    Runtime.getRuntime().halt(137);
  }
}
