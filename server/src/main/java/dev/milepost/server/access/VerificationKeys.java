package dev.milepost.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keys that verify signatures. The type of a key, never the header of a token, determines its
 * algorithm, so that no token can make a public key be used as a shared secret.
 */
final class VerificationKeys {
  private static final int MIN_RSA_BITS = 2048;

  private final List<Key> keys;

  private VerificationKeys(List<Key> keys) {
    this.keys = List.copyOf(keys);
  }

  static VerificationKeys none() {
    return new VerificationKeys(List.of());
  }

  /**
   * Parses a JSON Web Key Set. Ignores everything but public keys for RS256, ES256 and EdDSA, and
   * so shared secrets too.
   */
  static VerificationKeys parse(String jwks) throws ParseException {
    List<Key> keys = new ArrayList<>();
    for (JWK jwk : JWKSet.parse(jwks).getKeys()) {
      boolean forSignatures = jwk.getKeyUse() == null || KeyUse.SIGNATURE.equals(jwk.getKeyUse());
      try {
        Optional<Key> key = forSignatures ? of(jwk) : Optional.empty();
        key.filter(usable -> jwk.getAlgorithm() == null || jwk.getAlgorithm().equals(usable.alg()))
            .ifPresent(keys::add);
      } catch (JOSEException e) {
        throw new ParseException("an invalid key", 0);
      }
    }
    return new VerificationKeys(keys);
  }

  /** Returns a shared secret, for HS256 only. */
  static VerificationKeys ofSecret(byte[] secret) {
    try {
      return of(JWSAlgorithm.HS256, new MACVerifier(secret)::verify);
    } catch (JOSEException e) {
      throw new CredentialSetupException(
          "The secret for HS256 is too short. It must have at least 32 bytes.");
    }
  }

  /** Returns a single key without an id. */
  static VerificationKeys of(JWSAlgorithm algorithm, Check check) {
    return new VerificationKeys(List.of(new Key(null, algorithm, check)));
  }

  private static Optional<Key> of(JWK jwk) throws JOSEException {
    if (jwk instanceof RSAKey rsa && rsa.size() >= MIN_RSA_BITS) {
      return key(jwk, JWSAlgorithm.RS256, new RSASSAVerifier(rsa.toRSAPublicKey())::verify);
    }
    if (jwk instanceof ECKey ec && Curve.P_256.equals(ec.getCurve())) {
      return key(jwk, JWSAlgorithm.ES256, new ECDSAVerifier(ec.toECPublicKey())::verify);
    }
    if (jwk instanceof OctetKeyPair okp && Curve.Ed25519.equals(okp.getCurve())) {
      return key(jwk, JWSAlgorithm.EdDSA, new Ed25519Check(okp.getDecodedX()));
    }
    return Optional.empty();
  }

  private static Optional<Key> key(JWK jwk, JWSAlgorithm algorithm, Check check) {
    return Optional.of(new Key(jwk.getKeyID(), algorithm, check));
  }

  /**
   * Returns the key that a token's header names. If it names none, there must be exactly one for
   * its algorithm.
   */
  Optional<Check> find(JWSHeader header) {
    List<Key> found =
        keys.stream()
            .filter(key -> key.alg().equals(header.getAlgorithm()))
            .filter(
                key ->
                    header.getKeyID() == null
                        || key.id() == null
                        || header.getKeyID().equals(key.id()))
            .toList();
    return found.size() == 1 ? Optional.of(found.get(0).check()) : Optional.empty();
  }

  /** Returns whether a key has this id, or has no id and may be the one. */
  boolean knows(@Nullable String id) {
    return keys.stream().anyMatch(key -> key.id() == null || id == null || id.equals(key.id()));
  }

  /** Verifies a signature. Thread-safe. */
  @FunctionalInterface
  interface Check {
    boolean verify(JWSHeader header, byte[] signed, Base64URL signature) throws JOSEException;
  }

  private record Key(@Nullable String id, JWSAlgorithm alg, Check check) {}
}
