package dev.milepost.server.access;

import java.util.LinkedHashMap;
import java.util.Map;

/** Notified of API tokens that were added, changed, revoked or removed. */
@FunctionalInterface
public interface TokenChanges {
  /** Does nothing. */
  TokenChanges NONE = event -> {};

  /** Receives an event for the audit log; it holds no secret. */
  void changed(AuditEvent event);

  /** Passes on each difference between two versions of the tokens, by id. */
  default void compare(Map<String, ApiToken> before, Map<String, ApiToken> after) {
    after.forEach(
        (id, token) -> {
          ApiToken known = before.get(id);
          if (known == null) {
            changed(event("token_added", token));
          } else if (token.revoked() && !known.revoked()) {
            changed(event("token_revoked", token));
          } else if (!token.equals(known)) {
            changed(event("token_changed", token));
          }
        });
    before.forEach(
        (id, token) -> {
          if (!after.containsKey(id)) {
            changed(event("token_removed", token));
          }
        });
  }

  /** Returns an event about a token: what is known of it except its salt and hash. */
  static AuditEvent event(String name, ApiToken token) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("credential", ApiToken.credentialId(token.id()));
    fields.put("tenant", token.tenantId());
    fields.put("user", token.userId());
    fields.put("roles", token.roles().stream().map(Role::name).sorted().toList());
    fields.put("expires", token.expireTime().toString());
    fields.put("revoked", token.revoked());
    return new AuditEvent(name, fields);
  }
}
