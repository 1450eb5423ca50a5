package dev.milepost.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Only the micro-benchmarks use classes of the server. All others start it as a process. */
class DependencyTest {
  private static final String SERVER = "dev.milepost.server..";
  private static final String MICRO = "dev.milepost.benchmarks.micro..";

  private static final JavaClasses BENCHMARKS =
      new ClassFileImporter().importPackages("dev.milepost.benchmarks");

  @Test
  void onlyMicroBenchmarksUseTheServer() {
    noClasses()
        .that()
        .resideOutsideOfPackage(MICRO)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(SERVER)
        .check(BENCHMARKS);
  }

  @Test
  void findsAViolation() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(MICRO)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SERVER);
    assertThat(rule.evaluate(BENCHMARKS).hasViolation()).isTrue();
  }
}
