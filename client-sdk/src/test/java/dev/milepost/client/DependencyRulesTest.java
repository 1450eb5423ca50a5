package dev.milepost.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The client knows the contract and gRPC, and nothing of the server. */
class DependencyRulesTest {
  private static final ArchRule KNOWS_NO_SERVER =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.milepost.server..");

  private static final ArchRule KNOWS_NO_STORED_RECORDS =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.milepost.storage..");

  private static final JavaClasses CLIENT =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages("dev.milepost.client");

  @Test
  void theClientKnowsNothingOfTheServer() {
    assertThat(CLIENT).isNotEmpty();
    KNOWS_NO_SERVER.check(CLIENT);
    KNOWS_NO_STORED_RECORDS.check(CLIENT);
  }

  @Test
  void theWallFallsWhenSomebodyWalksThroughIt() {
    JavaClasses server = new ClassFileImporter().importPackages("dev.milepost.server.store");
    assertThat(KNOWS_NO_SERVER.evaluate(server).hasViolation()).isTrue();
    assertThat(KNOWS_NO_STORED_RECORDS.evaluate(server).hasViolation()).isTrue();
  }
}
