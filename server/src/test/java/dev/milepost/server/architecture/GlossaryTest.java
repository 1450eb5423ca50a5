package dev.milepost.server.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.typesafe.config.ConfigFactory;
import dev.milepost.v1.AdminServiceProto;
import dev.milepost.v1.ErrorReason;
import dev.milepost.v1.ErrorReasonProto;
import dev.milepost.v1.JobServiceProto;
import dev.milepost.v1.TaskServiceProto;
import dev.milepost.v1.WorkerServiceProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Names and messages that users meet contain none of the words that {@code CONTRIBUTING.md}
 * retires.
 */
class GlossaryTest {
  private static final Path ROOT = Path.of("..");

  /** A comment, a text block, a string (the groups) or a character of Java. */
  private static final Pattern JAVA_TOKEN =
      Pattern.compile(
          "//[^\n]*+|/\\*.*?\\*/|\"\"\"(.*?)\"\"\"|\"((?:\\\\.|[^\"\\\\\n])*+)\"|'(?:\\\\.|[^'])+'",
          Pattern.DOTALL);

  private static final Pattern PROTO_COMMENT = Pattern.compile("//([^\n]*+)");

  private final Glossary glossary = Glossary.read();

  GlossaryTest() throws IOException {}

  @Test
  void aRetiredWordIsFound() {
    Glossary planted = new Glossary(List.of("illegal move", "sweep", "family"));
    assertThat(planted.inName("ILLEGAL_MOVE")).containsExactly("illegal move");
    assertThat(planted.inName("milepost.JobSweeper.sweepAll")).containsExactly("sweep");
    assertThat(planted.inName("sweeper")).isEmpty();
    assertThat(planted.inSentence("Two families, one illegal\nmove"))
        .containsExactly("illegal\nmove", "families");
    assertThat(glossary.retired()).contains("everybody", "stale attempt", "house");
  }

  @Test
  void aRetiredWordInAFileIsReportedWithItsLine() {
    assertThat(inStrings("a.java", "// sweep\nString a = '\"' + \"x\";\nlog(\"A sweep failed\");"))
        .containsExactly("a.java:3: sweep");
    assertThat(inComments("a.proto", "string sweep = 1;\n// Sweeps jobs."))
        .containsExactly("a.proto:2: Sweeps");
  }

  @Test
  void errorReasonsHaveNone() {
    assertNoneIn(Stream.of(ErrorReason.values()).map(Enum::name).toList());
  }

  @Test
  void settingsHaveNone() {
    assertNoneIn(
        ConfigFactory.parseResources("reference.conf").entrySet().stream()
            .map(entry -> entry.getKey())
            .toList());
  }

  @Test
  void theContractsNamesHaveNone() {
    Set<String> names = contractNames();
    assertThat(names)
        .contains(
            "milepost.v1.Job.id",
            "milepost.v1.JobService.CreateJob",
            "milepost.v1.JobState.JOB_STATE_RUNNING");
    assertNoneIn(names);
  }

  @Test
  void theContractsCommentsHaveNone() throws IOException {
    assertThat(inFiles("proto/src/main/proto", ".proto", this::inComments)).isEmpty();
  }

  @Test
  void messagesOfTheServerHaveNone() throws IOException {
    assertThat(inFiles("server/src/main/java", ".java", this::inStrings)).isEmpty();
  }

  @Test
  void messagesOfTheClientHaveNone() throws IOException {
    assertThat(inFiles("client-sdk/src/main/java", ".java", this::inStrings)).isEmpty();
  }

  private void assertNoneIn(Collection<String> names) {
    assertThat(names).isNotEmpty();
    assertThat(
            names.stream()
                .filter(name -> !glossary.inName(name).isEmpty())
                .map(name -> name + ": " + glossary.inName(name)))
        .isEmpty();
  }

  private static Set<String> contractNames() {
    Set<String> names = new LinkedHashSet<>();
    Stream.of(
            AdminServiceProto.getDescriptor(),
            ErrorReasonProto.getDescriptor(),
            JobServiceProto.getDescriptor(),
            TaskServiceProto.getDescriptor(),
            WorkerServiceProto.getDescriptor())
        .forEach(file -> addNames(names, file));
    return names;
  }

  private static void addNames(Set<String> names, FileDescriptor file) {
    if (file.getPackage().startsWith("milepost.")) {
      file.getDependencies().forEach(other -> addNames(names, other));
      file.getMessageTypes().forEach(message -> addNames(names, message));
      file.getEnumTypes().forEach(type -> addNames(names, type));
      for (ServiceDescriptor service : file.getServices()) {
        names.add(service.getFullName());
        service.getMethods().forEach(method -> names.add(method.getFullName()));
      }
    }
  }

  private static void addNames(Set<String> names, Descriptor message) {
    names.add(message.getFullName());
    message.getFields().forEach(field -> names.add(field.getFullName()));
    message.getOneofs().forEach(oneof -> names.add(oneof.getFullName()));
    message.getNestedTypes().forEach(nested -> addNames(names, nested));
    message.getEnumTypes().forEach(type -> addNames(names, type));
  }

  private static void addNames(Set<String> names, EnumDescriptor type) {
    names.add(type.getFullName());
    type.getValues().forEach(value -> names.add(value.getFullName()));
  }

  private interface Check {
    List<String> findings(String file, String text);
  }

  private static List<String> inFiles(String folder, String ending, Check check)
      throws IOException {
    List<String> findings = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
      for (Path file : files.filter(path -> path.toString().endsWith(ending)).sorted().toList()) {
        findings.addAll(check.findings(ROOT.relativize(file).toString(), Files.readString(file)));
      }
    }
    return findings;
  }

  private List<String> inStrings(String file, String text) {
    return inMatches(
        file, text, JAVA_TOKEN, token -> token.group(1) == null ? token.group(2) : token.group(1));
  }

  private List<String> inComments(String file, String text) {
    return inMatches(file, text, PROTO_COMMENT, comment -> comment.group(1));
  }

  private List<String> inMatches(
      String file, String text, Pattern pattern, Function<Matcher, String> content) {
    List<String> findings = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      String sentence = content.apply(matcher);
      if (sentence != null) {
        long line = 1 + text.substring(0, matcher.start()).chars().filter(c -> c == '\n').count();
        for (String word : glossary.inSentence(sentence)) {
          findings.add(file + ":" + line + ": " + word);
        }
      }
    }
    return findings;
  }
}
