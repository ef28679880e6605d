import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One node of Elasticsearch with the modules of its home folder, but without what the distribution's own main class
 * asks of a machine: a user other than root, and limits of the operating system.
 *
 * Arguments: home folder, configuration folder, then key=value settings. Says "listening PORT" on the standard output when HTTP answers. Ends
 * properly by SIGTERM, and at once, as by SIGKILL, when the standard input ends: whoever started it is gone.
 */
final class ElasticsearchNode {
  public static void main(final String[] args) throws Exception {
    final Settings.Builder settings = Settings.builder().put("path.home", args[0]);
    for (int i = 2; i < args.length; i++) {
      final int equals = args[i].indexOf('=');
      settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    LogConfigurator.configureESLogging();
    final Environment environment =
        InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), Path.of(args[1]), () -> "node");
    final Node node = new Node(
        environment, PluginsLoader.createPluginsLoader(PluginsLoader.loadModulesBundles(environment.modulesDir()), Set.of(), Map.of()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    try {
      node.start();
    } catch (final Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
    final int port = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress().getPort();
    System.out.println("listening " + port);
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(137);
  }

  private static void close(final Node node) {
    try {
      node.close();
    } catch (final IOException e) {
      e.printStackTrace();
    }
  }
}
