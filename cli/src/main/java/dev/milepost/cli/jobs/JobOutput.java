package dev.milepost.cli.jobs;

import dev.milepost.cli.output.Documents;
import dev.milepost.cli.output.Format;
import dev.milepost.cli.output.Table;
import dev.milepost.cli.output.Terminal;
import dev.milepost.v1.Job;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Option;

/** How jobs are shown: the options, and the printing. */
final class JobOutput {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Format format = Format.TABLE;

  @Option(
      names = "--columns",
      paramLabel = "NAMES",
      split = ",",
      description = "Columns of the table, such as id,state,name,owner")
  private List<String> columns = List.of();

  @Option(names = "--no-headers", description = "A table without headings")
  private boolean noHeaders;

  /** The output that the options of a command describe. */
  JobOutput() {}

  /** Output in this format, for a command that has options of its own. */
  JobOutput(Format format) {
    this.format = format;
  }

  /** Checks the names of the columns. */
  void check() {
    chosen();
  }

  Format format() {
    return format;
  }

  /** Shows jobs. */
  void print(List<Job> jobs, Terminal terminal) {
    switch (format) {
      case TABLE, WIDE -> table(jobs).print(terminal, !noHeaders);
      case JSON -> terminal.out().println(array(jobs));
      case JSONL -> jobs.forEach(job -> terminal.out().println(Documents.jsonLine(job)));
      case YAML -> jobs.forEach(job -> terminal.out().println(Documents.yaml(job)));
      case NAME -> jobs.forEach(job -> terminal.out().println(job.getId()));
    }
  }

  /** Shows one job; as JSON it is an object, not an array. */
  void printOne(Job job, Terminal terminal) {
    if (format == Format.JSON) {
      terminal.out().println(Documents.json(job));
    } else {
      print(List.of(job), terminal);
    }
  }

  /** The lines of a table that is drawn again and again. */
  List<String> lines(List<Job> jobs, Terminal terminal) {
    return table(jobs).lines(terminal, !noHeaders);
  }

  private Table table(List<Job> jobs) {
    List<JobColumn> chosen = chosen();
    Table table = new Table(chosen.stream().map(JobColumn::column).toList());
    Instant now = Instant.now();
    jobs.forEach(job -> table.add(chosen.stream().map(column -> column.cell(job, now)).toList()));
    return table;
  }

  private List<JobColumn> chosen() {
    if (!columns.isEmpty()) {
      return columns.stream().map(String::strip).map(JobColumn::parse).toList();
    }
    return format == Format.WIDE ? JobColumn.WIDE : JobColumn.DEFAULT;
  }

  private static String array(List<Job> jobs) {
    return jobs.isEmpty()
        ? "[]"
        : "[" + String.join(",\n", jobs.stream().map(Documents::json).toList()) + "]";
  }
}
