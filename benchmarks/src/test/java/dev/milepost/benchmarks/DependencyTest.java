package dev.milepost.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Benchmarks use the server as a process only; the micro-benchmarks are the named exception. */
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
  void theWallWouldFallIfSomebodyWalkedThroughIt() {
    ArchRule wall =
        noClasses()
            .that()
            .resideInAPackage(MICRO)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SERVER);
    assertThat(wall.evaluate(BENCHMARKS).hasViolation()).isTrue();
  }
}
