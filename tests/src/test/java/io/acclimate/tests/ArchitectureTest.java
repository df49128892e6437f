package io.acclimate.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.acclimate.tests.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The walls of docs/architecture.md stand. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.acclimate");

  @Test
  void arrowsPointOnlyDownwards() {
    assertTrue(CLASSES.contain("io.acclimate.simulators.cli.Main"));
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("simulators")
        .definedBy("io.acclimate.simulators..")
        .layer("actors")
        .definedBy("io.acclimate.actors..")
        .layer("tta")
        .definedBy("io.acclimate.tta..")
        .layer("continual")
        .definedBy("io.acclimate.continual..")
        .layer("bank")
        .definedBy("io.acclimate.bank..")
        .layer("replay")
        .definedBy("io.acclimate.replay..")
        .layer("runtime")
        .definedBy("io.acclimate.runtime..")
        .whereLayer("simulators")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("actors")
        .mayOnlyBeAccessedByLayers("simulators")
        .whereLayer("tta")
        .mayOnlyBeAccessedByLayers("actors", "simulators")
        .whereLayer("continual")
        .mayOnlyBeAccessedByLayers("actors", "simulators")
        .whereLayer("bank")
        .mayOnlyBeAccessedByLayers("tta", "continual", "actors", "simulators")
        .whereLayer("replay")
        .mayOnlyBeAccessedByLayers("continual", "actors", "simulators")
        .check(CLASSES);
  }

  /** Algorithms are plain objects: no threads, no clocks, no files, no actors. */
  @Test
  void methodsArePlainObjects() {
    noClasses()
        .that()
        .resideInAnyPackage("io.acclimate.tta..", "io.acclimate.continual..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.util.concurrent..", "java.nio.file..", "java.io..", "java.time..", "akka..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }

  @Test
  void onlyTheActorsModuleKnowsAkka() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.acclimate.actors..", "io.acclimate.simulators.report..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("akka..")
        .check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItProvides() throws IOException {
    List<String> silent;
    try (Stream<Path> files = Files.walk(Project.root())) {
      silent =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> file.toString().contains("/src/main/java/"))
              .map(Path::getParent)
              .distinct()
              .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
              .map(Path::toString)
              .toList();
    }
    assertEquals(List.of(), silent);
  }
}
