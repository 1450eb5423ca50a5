package dev.milepost.server.access;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.job.Names;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The file with the API tokens: JSON, one token per line, readable by its owner only. It is
 * replaced atomically, so that a reader sees either the old or the new content.
 */
public final class TokenFile {
  private final Path file;

  /** Creates an instance for a file that need not exist yet. */
  public TokenFile(Path file) {
    this.file = file;
  }

  /**
   * Returns the tokens by id, in the order of their creation.
   *
   * @throws CredentialSetupException if the file is damaged
   */
  public Map<String, ApiToken> read() {
    return new ReloadedFile<Map<String, ApiToken>>(file, "token file", Map.of(), TokenFile::parse)
        .value();
  }

  /**
   * Changes the tokens; concurrent updates run one after the other.
   *
   * @throws IOException if the file cannot be written
   */
  public void update(UnaryOperator<Map<String, ApiToken>> change) throws IOException {
    Path directory = directory();
    PrivateFiles.createDirectories(directory);
    Path lock = directory.resolve(file.getFileName() + ".lock");
    // The file lock excludes other processes only, and rejects a second thread of this one.
    synchronized (TokenFile.class) {
      try (FileChannel channel = PrivateFiles.open(lock, StandardOpenOption.WRITE);
          var held = channel.lock()) {
        write(change.apply(new LinkedHashMap<>(read())));
      }
    }
  }

  private Path directory() {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private void write(Map<String, ApiToken> tokens) throws IOException {
    // The new file is made readable by its owner only before anything is written to it.
    Path draft = Files.createTempFile(directory(), ".tokens", "");
    try {
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
      }
      Files.writeString(draft, format(tokens));
      try (FileChannel written = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static String format(Map<String, ApiToken> tokens) {
    return tokens.values().stream()
        .map(token -> JSONObjectUtils.toJSONString(toJson(token)))
        .collect(Collectors.joining(",\n", "{\"tokens\": [\n", "\n]}\n"));
  }

  private static Map<String, Object> toJson(ApiToken token) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", token.id());
    json.put("tenant", token.tenantId());
    json.put("user", token.userId());
    json.put("roles", token.roles().stream().map(Role::name).sorted().toList());
    json.put("created", token.createTime().toString());
    json.put("expires", token.expireTime().toString());
    json.put("revoked", token.revoked());
    json.put("salt", token.salt());
    json.put("hash", token.hash());
    return json;
  }

  /** Parses the content of the file; one invalid token makes all of it invalid. */
  static Map<String, ApiToken> parse(String content) throws ParseException {
    Map<String, ApiToken> tokens = new LinkedHashMap<>();
    Map<String, Object>[] entries =
        JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(content), "tokens");
    if (entries == null) {
      throw damaged();
    }
    for (Map<String, Object> json : entries) {
      ApiToken token = fromJson(json);
      if (tokens.put(token.id(), token) != null) {
        throw damaged();
      }
    }
    return tokens;
  }

  private static ApiToken fromJson(Map<String, Object> json) throws ParseException {
    try {
      ApiToken token =
          new ApiToken(
              text(json, "id"),
              text(json, "salt"),
              text(json, "hash"),
              text(json, "tenant"),
              text(json, "user"),
              roles(json),
              Instant.parse(text(json, "created")),
              Instant.parse(text(json, "expires")),
              JSONObjectUtils.getBoolean(json, "revoked"));
      boolean whole =
          Base64.getUrlDecoder().decode(token.hash()).length == 32
              && Base64.getUrlDecoder().decode(token.salt()).length > 0
              && Names.isName(token.tenantId())
              && Names.isName(token.userId())
              && !token.roles().isEmpty();
      if (!whole) {
        throw damaged();
      }
      return token;
    } catch (DateTimeException | IllegalArgumentException e) {
      throw damaged();
    }
  }

  private static Set<Role> roles(Map<String, Object> json) throws ParseException {
    String[] names = JSONObjectUtils.getStringArray(json, "roles");
    if (names == null) {
      throw damaged();
    }
    return Arrays.stream(names)
        .map(Role::valueOf)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class)));
  }

  private static String text(Map<String, Object> json, String key) throws ParseException {
    String text = JSONObjectUtils.getString(json, key);
    if (text == null) {
      throw damaged();
    }
    return text;
  }

  /** Reveals nothing of the content. */
  private static ParseException damaged() {
    return new ParseException("not a token file", 0);
  }
}
