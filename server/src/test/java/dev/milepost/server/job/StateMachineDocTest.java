package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares docs/STATE_MACHINE.md with the code. */
class StateMachineDocTest {
  private static final Path PAGE = Path.of("..", "docs", "STATE_MACHINE.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([A-Z]+) \\| ([a-z ]+) \\| ([A-Za-z, ]+) \\|");
  private static final Pattern ARROW =
      Pattern.compile("(?m)^ +(\\[\\*]|[A-Z]+) --> (\\[\\*]|[A-Z]+) :");

  private String page = "";

  @BeforeEach
  void read() throws IOException {
    page = Files.readString(PAGE);
  }

  @Test
  void itsTableIsTheTableOfTheCode() {
    Map<String, Set<String>> written = new HashMap<>();
    for (MatchResult row : ROW.matcher(section("## The table")).results().toList()) {
      Set<String> before =
          written.put(
              row.group(1) + " " + row.group(2), new TreeSet<>(List.of(row.group(3).split(", "))));
      assertThat(before).as("a pair that occurs twice: %s", row.group()).isNull();
    }

    Map<String, Set<String>> real = new HashMap<>();
    for (JobState from : states()) {
      for (CommandKind command : CommandKind.values()) {
        Set<String> targets = names(Transitions.targets(from, command), "gone");
        if (!targets.isEmpty()) {
          real.put(EnumNames.of(from) + " " + EnumNames.of(command), targets);
        }
      }
    }
    assertThat(written).isEqualTo(real);
  }

  @Test
  void itsDrawingHasEveryTransitionAndNoOther() {
    Set<String> drawn =
        ARROW
            .matcher(page)
            .results()
            .map(arrow -> arrow.group(1) + " " + arrow.group(2))
            .collect(Collectors.toSet());

    Set<String> real = new HashSet<>(Set.of("[*] QUEUED"));
    for (JobState from : states()) {
      for (CommandKind command : CommandKind.values()) {
        Set<String> targets = names(Transitions.targets(from, command), "[*]");
        targets.remove(EnumNames.of(from));
        targets.forEach(to -> real.add(EnumNames.of(from) + " " + to));
      }
    }
    assertThat(drawn).isEqualTo(real);
  }

  @Test
  void itsDefaultsAreThoseOfTheCode() {
    String timers = section("## Timers");
    assertThat(timers)
        .containsPattern("\\| lease \\|.*\\| " + seconds(JobDefaults.STANDARD.lease()) + " s \\|")
        .containsPattern(
            "\\| cancel grace \\|.*\\| " + seconds(JobDefaults.STANDARD.cancelGrace()) + " s \\|")
        .containsPattern(
            "\\| stall \\|.*\\| " + seconds(JobDefaults.STANDARD.stallAfter()) / 60 + " min \\|");
  }

  private String section(String heading) {
    int start = page.indexOf(heading);
    assertThat(start).as(heading).isNotNegative();
    int end = page.indexOf("\n## ", start + 1);
    return page.substring(start, end < 0 ? page.length() : end);
  }

  private static List<JobState> states() {
    return Arrays.stream(JobState.values()).filter(JobFilters::isJobState).toList();
  }

  private static Set<String> names(Set<JobState> states, String gone) {
    Set<String> names = new TreeSet<>();
    states.forEach(state -> names.add(state == Transitions.GONE ? gone : EnumNames.of(state)));
    return names;
  }

  private static long seconds(java.time.Duration duration) {
    return duration.toSeconds();
  }
}
