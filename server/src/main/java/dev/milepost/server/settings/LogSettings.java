package dev.milepost.server.settings;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the server logs.
 *
 * @param isJson whether the log has one JSON object a line; otherwise lines for people
 * @param auditFile file of the audit log; empty: it is part of the log
 */
public record LogSettings(boolean isJson, Optional<Path> auditFile) {
  static LogSettings of(Section config) {
    boolean isJson =
        switch (config.string("log.format")) {
          case "json" -> true;
          case "text" -> false;
          default -> throw config.invalid("log.format", "be text or json");
        };
    return new LogSettings(isJson, config.file("audit.file"));
  }
}
