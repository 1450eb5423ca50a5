package dev.milepost.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Tests that the client depends on the contract and gRPC, but not on the server. */
class DependencyRulesTest {
  private static final ArchRule NO_SERVER =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.milepost.server..");
  private static final ArchRule NO_STORED_RECORDS =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.milepost.storage..");

  private static final JavaClasses CLIENT =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages("dev.milepost.client");

  @Test
  void theClientDoesNotDependOnTheServer() {
    assertThat(CLIENT).isNotEmpty();
    NO_SERVER.check(CLIENT);
    NO_STORED_RECORDS.check(CLIENT);
  }

  @Test
  void theRulesDetectViolations() {
    JavaClasses server = new ClassFileImporter().importPackages("dev.milepost.server.store");
    assertThat(NO_SERVER.evaluate(server).hasViolation()).isTrue();
    assertThat(NO_STORED_RECORDS.evaluate(server).hasViolation()).isTrue();
  }
}
