package dev.milepost.server.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.Values;
import dev.milepost.server.job.TaskSteps;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskStepDefinition;
import dev.milepost.v1.Webhook;
import java.text.ParseException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parses files of task definitions, reports errors in them, and expands them to jobs. */
class TaskDefinitionsTest {
  private static final String GOOD =
      """
      tasks:
        - name: nightly-import
          display_name: Nightly import
          user_relevant: true
          scope: PROJECT
          steps:
            - name: fetch
              type: fetch-files
              priority: 80
              params: {source: ftp, tries: 3, deep: {list: [1, true, null]}}
              max_retries: 0
            - name: parse
              type: parse-files
              display_name: Parsing
        - name: cleanup
          scope: GLOBAL
          steps: [{name: sweep, type: sweep}]
      """;

  @Test
  void parsesYaml() throws ParseException {
    TaskDefinitions definitions = TaskDefinitions.parse(GOOD);

    assertThat(definitions.all())
        .extracting(TaskDefinition::getName)
        .containsExactly("cleanup", "nightly-import");
    TaskDefinition nightly = definitions.get("nightly-import").orElseThrow();
    assertThat(nightly.getDisplayName()).isEqualTo("Nightly import");
    assertThat(nightly.getUserRelevant()).isTrue();
    assertThat(nightly.getScope()).isEqualTo(JobScope.JOB_SCOPE_PROJECT);
    TaskStepDefinition fetch = nightly.getSteps(0);
    assertThat(fetch.getPriority()).isEqualTo(80);
    assertThat(fetch.getMaxRetries()).isZero();
    assertThat(fetch.hasMaxRetries()).isTrue();
    assertThat(fetch.getParams().getFieldsOrThrow("tries").getNumberValue()).isEqualTo(3);
    assertThat(
            fetch
                .getParams()
                .getFieldsOrThrow("deep")
                .getStructValue()
                .getFieldsOrThrow("list")
                .getListValue()
                .getValuesList())
        .containsExactly(Values.of(1), Values.of(true), Values.ofNull());
    assertThat(nightly.getSteps(1).hasPriority()).isFalse();
    assertThat(definitions.get("cleanup").orElseThrow().getUserRelevant()).isFalse();
  }

  @Test
  void parsesTheSameFileInJson() throws ParseException {
    TaskDefinitions definitions =
        TaskDefinitions.parse(
            """
            {"tasks": [{"name": "a", "scope": "ITEM_SET",
                        "steps": [{"name": "s", "type": "t", "params": {"x": "1"}}]}]}
            """);
    assertThat(definitions.get("a").orElseThrow().getSteps(0).getParams().getFieldsOrThrow("x"))
        .isEqualTo(Values.of("1"));
    assertThat(TaskDefinitions.parse("").all()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tasks: {import: {name: Nightly import, userRelevant: true, scope: SCOPE, steps: STEPS}}",
        "{import: {displayName: Nightly import, user_relevant: true, scope: SCOPE, steps: STEPS}}",
        "{\"tasks\": [{\"name\": \"import\", \"display_name\": \"Nightly import\","
            + " \"user_relevant\": true, \"scope\": \"SCOPE\", \"steps\": STEPS}]}"
      })
  void parsesMappingsByNameAndStepsWithoutNames(String form) throws ParseException {
    String list = "[{type: fetch, maxRetries: 2}, {type: parse}, {type: fetch}]";
    String mapping =
        "{fetch: {type: fetch, max_retries: 2}, parse: {type: parse}, fetch-2: {type: fetch}}";
    for (String steps : List.of(list, mapping)) {
      String text = form.replace("SCOPE", "photo_set").replace("STEPS", steps);
      TaskDefinition task = TaskDefinitions.parse(text).get("import").orElseThrow();

      assertThat(task.getDisplayName()).isEqualTo("Nightly import");
      assertThat(task.getUserRelevant()).isTrue();
      assertThat(task.getScope()).isEqualTo(JobScope.JOB_SCOPE_ITEM_SET);
      assertThat(task.getStepsList())
          .extracting(TaskStepDefinition::getName)
          .containsExactly("fetch", "parse", "fetch-2");
      assertThat(task.getSteps(0).getMaxRetries()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PROJECT, JOB_SCOPE_PROJECT",
    "project, JOB_SCOPE_PROJECT",
    "item_set, JOB_SCOPE_ITEM_SET",
    "Photo_Set, JOB_SCOPE_ITEM_SET",
    "global, JOB_SCOPE_GLOBAL"
  })
  void readsScopesInAnyCase(String text, JobScope scope) throws ParseException {
    TaskDefinitions tasks =
        TaskDefinitions.parse("a: {scope: %s, steps: [{type: t}]}".formatted(text));
    assertThat(tasks.get("a").orElseThrow().getScope()).isEqualTo(scope);
  }

  @Test
  void theScopeIsThatOfTheRequestIfTheDefinitionHasNone() throws ParseException {
    TaskDefinition task = TaskDefinitions.parse("a: {steps: [{type: t}]}").get("a").orElseThrow();
    JobSpec asked = JobSpec.newBuilder().setScope(JobScope.JOB_SCOPE_GLOBAL).build();

    assertThat(TaskPlan.of(task, asked, () -> "1").spec().getScope())
        .isEqualTo(JobScope.JOB_SCOPE_GLOBAL);
    assertThat(TaskPlan.of(task, JobSpec.getDefaultInstance(), () -> "1").spec().getScope())
        .isEqualTo(JobScope.JOB_SCOPE_UNSPECIFIED);
  }

  @ParameterizedTest
  @MethodSource("wrongFiles")
  void errorsNameLineAndColumn(String text, String problem) {
    assertThatThrownBy(() -> TaskDefinitions.parse(text))
        .isInstanceOf(ParseException.class)
        .hasMessageContaining(problem);
  }

  private static Stream<Arguments> wrongFiles() {
    return Stream.of(
        wrong("tasks: [", "line 1, column 9: "),
        wrong("jobs: []", "line 1, column 1: the file has no field \"jobs\"; it has [tasks]"),
        wrong("- a", "line 1, column 1: the file must be a mapping of [tasks]"),
        wrong("tasks: []", "line 1, column 8: tasks must be a list or a mapping of 1 to 1000"),
        wrong("tasks:\ntasks: []", "line 2, column 1: "),
        wrong(
            GOOD.replace("name: nightly-import", "name: nightly import"),
            "line 2, column 11: name must be 1 to 100 characters"),
        wrong(
            "tasks: {my task: {steps: [{type: t}]}}",
            "line 1, column 18: the name \"my task\" must be 1 to 100 characters"),
        wrong(
            "tasks: {a: {name: b, display_name: c, steps: [{type: t}]}}",
            "line 1, column 19: name must be a, the key of the task, or left out"),
        wrong("a: {steps: [{type: t}]}\nb: {}", "line 1, column 1: the file has no field \"a\""),
        wrong("tasks: {a: {steps: {s: t}}}", "line 1, column 24: a step must be a mapping of"),
        wrong("tasks: {a: {steps: {}}}", "line 1, column 20: steps must be a list or a mapping"),
        wrong("tasks: {a: {steps: [{type: t}, {name: t, type: u}]}}", "a step named t is defined"),
        wrong("{a: {steps: [{type: t}]}, a: {steps: [{type: t}]}}", "line 1"),
        wrong(
            GOOD.replace("tries: 3", "tries: 9007199254740993"),
            "line 10, column 38: must be between -2^53 and 2^53 to stay exact: quote it"),
        wrong(GOOD.replace("GLOBAL", "WORLD"), "line 16, column 12: scope must be PROJECT"),
        wrong(
            GOOD.replace("user_relevant: true", "user_relevant: maybe"),
            "line 4, column 20: user_relevant must be true or false"),
        wrong(
            GOOD.replace("priority: 80", "priority: 101"),
            "line 9, column 19: priority must be a whole number, 0 to 100"),
        wrong(
            GOOD.replace("priority: 80", "priority: high"),
            "line 9, column 19: priority must be a whole number"),
        wrong(
            GOOD.replace("max_retries: 0", "retries: 0"),
            "line 11, column 9: a step has no field \"retries\""),
        wrong(
            GOOD.replace("type: fetch-files", "type: 'fetch files'"),
            "line 8, column 15: type must be 1 to 128 characters"),
        wrong(
            GOOD.replace("        type: fetch-files\n", ""),
            "line 7, column 9: a step needs the field type"),
        wrong(
            GOOD.replace("{source: ftp, tries: 3, deep: {list: [1, true, null]}}", "[1]"),
            "line 10, column 17: params must be a mapping"),
        wrong(GOOD.replace("{source: ftp,", "&p {source: *p,"), "line 10"),
        wrong(
            GOOD.replace("name: parse", "name: fetch"),
            "line 12, column 9: a step named fetch is defined above"),
        wrong(
            GOOD.replace("name: cleanup", "name: nightly-import"),
            "line 15, column 5: a task named nightly-import is defined above"),
        wrong(
            GOOD.replace("display_name: Parsing", "display_name: " + "x".repeat(257)),
            "line 14, column 23: display_name must be at most 256 characters"),
        wrong(
            GOOD.replace("display_name: Parsing", "display_name: [x]"),
            "line 14, column 23: display_name must be a string"));
  }

  private static Arguments wrong(String text, String problem) {
    return Arguments.of(text, problem);
  }

  @Test
  void aStepInheritsFromTheTaskAndAddsItsOwnValues() throws ParseException {
    TaskDefinition definition = TaskDefinitions.parse(GOOD).get("nightly-import").orElseThrow();
    JobSpec asked =
        JobSpec.newBuilder()
            .setProjectId("p")
            .setPriority(10)
            .setMaxRetries(7)
            .putLabels("team", "a")
            .setParams(
                com.google.protobuf.Struct.newBuilder()
                    .putFields("source", Values.of("http"))
                    .putFields("date", Values.of("today")))
            .setWebhook(Webhook.newBuilder().setUrl("https://example.org/"))
            .build();
    Iterator<String> ids = List.of("1", "2").iterator();

    TaskPlan plan = TaskPlan.of(definition, asked, ids::next);

    assertThat(plan.spec().getType()).isEqualTo("task:nightly-import");
    assertThat(TaskPlan.definition(plan.spec())).isEqualTo("nightly-import");
    assertThat(plan.spec().getDisplayName()).isEqualTo("Nightly import");
    assertThat(plan.spec().hasWebhook()).isTrue();
    assertThat(plan.steps()).extracting(StepRecord::getJobId).containsExactly("1", "2");
    JobSpec fetch = TaskSteps.spec(plan.spec(), plan.steps().get(0));
    assertThat(fetch.getType()).isEqualTo("fetch-files");
    assertThat(fetch.getDisplayName()).isEqualTo("fetch");
    assertThat(fetch.getScope()).isEqualTo(JobScope.JOB_SCOPE_PROJECT);
    assertThat(fetch.getTrigger()).isEqualTo(JobTrigger.JOB_TRIGGER_TASK);
    assertThat(fetch.getPriority()).isEqualTo(80);
    assertThat(fetch.getMaxRetries()).isZero();
    assertThat(fetch.getParams().getFieldsOrThrow("source")).isEqualTo(Values.of("http"));
    assertThat(fetch.getParams().getFieldsOrThrow("tries")).isEqualTo(Values.of(3));
    assertThat(fetch.hasWebhook()).isFalse();
    JobSpec parse = TaskSteps.spec(plan.spec(), plan.steps().get(1));
    assertThat(parse.getPriority()).isEqualTo(10);
    assertThat(parse.getMaxRetries()).isEqualTo(7);
    assertThat(parse.getLabelsMap()).containsEntry("team", "a");
    assertThat(parse.getParams().getFieldsOrThrow("date")).isEqualTo(Values.of("today"));
  }
}
