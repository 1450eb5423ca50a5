package dev.milepost.server.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Turns {@link DependencyRules} into ArchUnit rules over a root package. */
final class RuleChecks {
  private final String root;

  RuleChecks(String root) {
    this.root = root;
  }

  /** A class depends on nothing but what the rule of its package lists. */
  ArchRule dependencies(PackageRule rule) {
    return classes()
        .that()
        .resideInAPackage(rule.packageIn(root))
        .should()
        .onlyDependOnClassesThat(allowedBy(rule))
        .as(
            rule
                + " uses only the packages "
                + rule.mayUse()
                + " and the libraries "
                + rule.libraryTitles());
  }

  private DescribedPredicate<JavaClass> allowedBy(PackageRule rule) {
    Set<String> packages = new HashSet<>();
    packages.add(rule.packageIn(root));
    rule.mayUse().forEach(name -> packages.add(root + '.' + name));
    return DescribedPredicate.describe(
        "are allowed",
        target -> {
          String name = target.getBaseComponentType().getPackageName();
          return packages.contains(name)
              || Library.isForAll(name)
              || rule.libraries().stream().anyMatch(library -> library.contains(name));
        });
  }

  /** Only the packages that a restriction allows use its members. */
  ArchRule uses(Restriction restriction) {
    String[] packages =
        DependencyRules.PACKAGES.stream()
            .filter(rule -> !restriction.allows(rule.name()))
            .map(rule -> rule.packageIn(root))
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAnyPackage(packages)
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "is one of " + restriction.uses(),
                access -> restriction.uses().stream().anyMatch(use -> isUse(access, use))))
        .as(restriction.title() + ": " + restriction.where());
  }

  private static boolean isUse(JavaAccess<?> access, String use) {
    String member = Restriction.member(use);
    int dot = member.lastIndexOf('.');
    return access.getTarget().getName().equals(member.substring(dot + 1))
        && access.getTarget().getOwner().isAssignableTo(member.substring(0, dot));
  }

  /** Every class is in a package that has a rule. */
  ArchRule everyPackageHasARule() {
    return classes()
        .should()
        .resideInAnyPackage(
            DependencyRules.PACKAGES.stream()
                .map(rule -> rule.packageIn(root))
                .toArray(String[]::new))
        .as("every class is in a package that has a dependency rule");
  }

  /** Returns what is wrong with the order of rules: no package may use one that comes later. */
  static List<String> upwardArrows(List<PackageRule> rules) {
    List<String> wrong = new ArrayList<>();
    Set<String> earlier = new HashSet<>();
    for (PackageRule rule : rules) {
      for (String other : rule.mayUse()) {
        if (!earlier.contains(other)) {
          wrong.add(rule + " may use " + other + ", which does not come before it");
        }
      }
      earlier.add(rule.name());
    }
    return wrong;
  }
}
