package dev.milepost.server.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The server keeps its dependency rules, and each rule reports exactly what it forbids. */
class DependencyRulesTest {
  private static final String ROOT = "dev.milepost.server";

  private static final JavaClasses SERVER =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages(ROOT);

  @TempDir private static Path directory;
  private static JavaClasses planted;

  @BeforeAll
  static void plant() {
    planted = PlantedCode.compile(directory);
  }

  static List<PackageRule> packages() {
    return DependencyRules.PACKAGES;
  }

  static List<Restriction> restrictions() {
    return DependencyRules.RESTRICTIONS;
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyWhatItMay(PackageRule rule) {
    new RuleChecks(ROOT).dependencies(rule).check(SERVER);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void everyForbiddenDependencyIsReportedAndNoAllowedOne(PackageRule rule) {
    Set<String> forbidden = new HashSet<>();
    forbidden.add(PlantedCode.UNLISTED_LIBRARY);
    forbidden.add(PlantedCode.UNLISTED_PACKAGE);
    packages().stream()
        .filter(other -> !other.equals(rule) && !rule.mayUse().contains(other.name()))
        .forEach(other -> forbidden.add(PlantedCode.target(other)));
    Stream.of(Library.values())
        .filter(library -> !rule.libraries().contains(library))
        .forEach(library -> forbidden.addAll(library.samples()));

    Set<String> reported = new HashSet<>();
    new RuleChecks(PlantedCode.ROOT)
        .dependencies(rule)
        .evaluate(planted)
        .handleViolations(
            (Collection<Dependency> dependencies, String message) -> {
              for (Dependency dependency : dependencies) {
                assertThat(dependency.getOriginClass().getName())
                    .isEqualTo(PlantedCode.wrong(rule));
                reported.add(dependency.getTargetClass().getName());
              }
            });
    assertThat(reported).containsExactlyInAnyOrderElementsOf(forbidden);
  }

  @ParameterizedTest
  @MethodSource("restrictions")
  void restrictedMembersAreUsedOnlyWhereTheyMay(Restriction restriction) {
    new RuleChecks(ROOT).uses(restriction).check(SERVER);
  }

  @ParameterizedTest
  @MethodSource("restrictions")
  void everyForbiddenUseIsReportedAndNoAllowedOne(Restriction restriction) {
    Set<String> forbidden = new HashSet<>();
    for (PackageRule rule : packages()) {
      if (!restriction.allows(rule.name())) {
        restriction
            .uses()
            .forEach(
                use -> forbidden.add(PlantedCode.wrong(rule) + " uses " + Restriction.member(use)));
      }
    }

    Set<String> reported = new HashSet<>();
    new RuleChecks(PlantedCode.ROOT)
        .uses(restriction)
        .evaluate(planted)
        .handleViolations(
            (Collection<JavaAccess<?>> accesses, String message) ->
                accesses.forEach(
                    access ->
                        reported.add(
                            access.getOriginOwner().getName()
                                + " uses "
                                + access.getTarget().getOwner().getName()
                                + '.'
                                + access.getTarget().getName())));
    assertThat(reported).containsExactlyInAnyOrderElementsOf(forbidden);
  }

  @Test
  void everyPackageHasARule() {
    new RuleChecks(ROOT).everyPackageHasARule().check(SERVER);
    assertThat(
            new RuleChecks(PlantedCode.ROOT)
                .everyPackageHasARule()
                .evaluate(planted.that(resideInAPackage(PlantedCode.ROOT + "..")))
                .getFailureReport()
                .getDetails())
        .hasSize(1)
        .allMatch(line -> line.contains(PlantedCode.UNLISTED_PACKAGE));
  }

  @Test
  void everyRuleHasAPackage() {
    Set<String> packages = SERVER.stream().map(type -> type.getPackageName()).collect(toSet());
    assertThat(packages)
        .containsExactlyInAnyOrderElementsOf(
            packages().stream().map(rule -> rule.packageIn(ROOT)).toList());
  }

  @Test
  void noPackageUsesOneThatComesAfterIt() {
    assertThat(RuleChecks.upwardArrows(packages())).isEmpty();
    assertThat(
            RuleChecks.upwardArrows(
                List.of(PackageRule.of("low", "high"), PackageRule.of("high", "low"))))
        .containsExactly("low may use high, which does not come before it");
  }

  @Test
  void theServersTestsAreNotChecked() {
    assertThat(SERVER.contain("dev.milepost.server.job.JobRules")).isTrue();
    assertThat(SERVER.contain(DependencyRulesTest.class.getName())).isFalse();
  }
}
