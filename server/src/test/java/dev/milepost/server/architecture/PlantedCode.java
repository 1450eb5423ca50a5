package dev.milepost.server.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A generated server that breaks every dependency rule: in each package, {@code Wrong} refers to
 * every other package, every library and every restricted member.
 */
final class PlantedCode {
  static final String ROOT = "planted.server";

  /** Name of the class that other packages refer to. */
  static final String TARGET = "Target";

  /** A library that is in no rule, and so forbidden to all. */
  static final String UNLISTED_LIBRARY = "org.unlisted." + TARGET;

  /** A package of the server that has no rule. */
  static final String UNLISTED_PACKAGE = ROOT + ".unlisted." + TARGET;

  private PlantedCode() {}

  static String target(PackageRule rule) {
    return rule.packageIn(ROOT) + '.' + TARGET;
  }

  static String wrong(PackageRule rule) {
    return rule.packageIn(ROOT) + ".Wrong";
  }

  /** Compiles the generated classes into a directory, and reads them. */
  static JavaClasses compile(Path directory) {
    Map<String, String> sources = new LinkedHashMap<>();
    List<String> targets = new ArrayList<>(List.of(UNLISTED_LIBRARY, UNLISTED_PACKAGE));
    DependencyRules.PACKAGES.forEach(rule -> targets.add(target(rule)));
    Stream.of(Library.values()).forEach(library -> targets.addAll(library.samples()));
    for (String target : targets) {
      if (target.endsWith('.' + TARGET)) {
        sources.put(target, declare(target, ""));
      }
    }
    for (PackageRule rule : DependencyRules.PACKAGES) {
      sources.put(wrong(rule), declare(wrong(rule), body(targets)));
    }
    compile(sources, directory);
    return new ClassFileImporter().importPath(directory);
  }

  private static String body(List<String> targets) {
    StringBuilder body = new StringBuilder();
    for (String target : targets) {
      body.append(target).append(" field").append(body.length()).append(";\n");
    }
    for (Restriction restriction : DependencyRules.RESTRICTIONS) {
      for (String use : restriction.uses()) {
        body.append("void method").append(body.length()).append("() throws Exception { ");
        body.append(use.endsWith(")") ? "" : "Object value = ");
        body.append(Restriction.expression(use)).append("; }\n");
      }
    }
    return body.toString();
  }

  private static String declare(String className, String body) {
    int dot = className.lastIndexOf('.');
    return "package "
        + className.substring(0, dot)
        + "; public class "
        + className.substring(dot + 1)
        + " {\n"
        + body
        + "}";
  }

  private static void compile(Map<String, String> sources, Path directory) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<Source> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text)));
    List<String> options =
        List.of("-proc:none", "-nowarn", "-cp", directory.toString(), "-d", directory.toString());
    assertThat(compiler.getTask(messages, null, null, options, null, units).call())
        .as(messages.toString())
        .isTrue();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
