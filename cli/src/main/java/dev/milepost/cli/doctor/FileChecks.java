package dev.milepost.cli.doctor;

import dev.milepost.cli.connection.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the files of the credentials are there, and for nobody else to read. */
final class FileChecks {
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private FileChecks() {}

  static List<Finding> run(Context context) {
    List<Finding> findings = new ArrayList<>();
    context.tokenFile().ifPresent(file -> findings.add(check("token file", file, true)));
    context.key().ifPresent(file -> findings.add(check("private key", file, true)));
    context.certificate().ifPresent(file -> findings.add(check("certificate", file, false)));
    context.ca().ifPresent(file -> findings.add(check("authorities", file, false)));
    return findings;
  }

  private static Finding check(String subject, Path file, boolean secret) {
    if (!Files.exists(file)) {
      return Finding.failure(subject, "There is no file " + file + ".", "Name the right one.");
    }
    if (!Files.isReadable(file)) {
      return Finding.failure(
          subject, "You may not read " + file + ".", "Change its owner or its mode.");
    }
    if (secret && isOpen(file)) {
      return Finding.warning(
          subject, "Others on this machine may read " + file + ".", "chmod 600 " + file);
    }
    return Finding.ok(subject, file.toString());
  }

  private static boolean isOpen(Path file) {
    try {
      return Optional.of(Files.getPosixFilePermissions(file)).stream()
          .flatMap(Set::stream)
          .anyMatch(OTHERS::contains);
    } catch (IOException | UnsupportedOperationException e) {
      // A file system without such modes.
      return false;
    }
  }
}
