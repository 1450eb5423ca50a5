package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.milepost.server.store.SettableClock;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JWTs: valid ones of each algorithm, and every kind of forgery. */
class JwtTokensTest {
  private static final JwtOptions OPTIONS =
      new JwtOptions(
          "https://issuer.example",
          "milepost",
          Duration.ofSeconds(30),
          "sub",
          "tenant",
          "",
          new JwtRoles("realm_access.roles", "", Map.of()),
          Duration.ofDays(400),
          Set.of());

  private static RSAKey rsa;
  private static RSAKey foreign;
  private static ECKey ec;
  private static OctetKeyPair ed;
  private static KeyPair edKeys;

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private Path file;
  private JwtTokens tokens;

  @BeforeAll
  static void keys() throws Exception {
    rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    foreign = new RSAKeyGenerator(2048).keyID("rsa").generate();
    ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    edKeys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = edKeys.getPublic().getEncoded();
    ed =
        new OctetKeyPair.Builder(
                Curve.Ed25519,
                Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
            .keyID("ed")
            .build();
  }

  @BeforeEach
  void open() throws Exception {
    file = directory.resolve("jwks.json");
    write(rsa, ec, ed);
    tokens = JwtTokens.fromFile(OPTIONS, file, clock);
  }

  private void write(JWK... keys) throws Exception {
    Files.writeString(file, new JWKSet(List.of(keys)).toString(true));
  }

  private JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer("https://issuer.example")
        .audience(List.of("other", "milepost"))
        .subject("ann")
        .claim("tenant", "acme")
        .claim("realm_access", Map.of("roles", List.of("offline_access", "user", "WORKER")))
        .jwtID("j1")
        .expirationTime(in(Duration.ofMinutes(5)));
  }

  private Date in(Duration time) {
    return Date.from(clock.instant().plus(time));
  }

  private static String sign(JWSHeader header, JWSSigner signer, JWTClaimsSet claims)
      throws Exception {
    SignedJWT token = new SignedJWT(header, claims);
    token.sign(signer);
    return token.serialize();
  }

  private static JWSHeader header(JWSAlgorithm algorithm, String key) {
    return new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID(key).build();
  }

  private static String byRsa(JWTClaimsSet.Builder claims) throws Exception {
    return sign(header(JWSAlgorithm.RS256, "rsa"), new RSASSASigner(rsa), claims.build());
  }

  private static String byEd(JWTClaimsSet.Builder claims) throws Exception {
    String signed =
        header(JWSAlgorithm.EdDSA, "ed").toBase64URL()
            + "."
            + claims.build().toPayload().toBase64URL();
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(edKeys.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64URL.encode(signature.sign());
  }

  private Caller authenticate(String token) {
    return tokens.authenticate(ShownCall.bearing(token));
  }

  private void refused(String token, String why) {
    assertThatThrownBy(() -> authenticate(token))
        .isInstanceOf(AccessException.Unauthenticated.class)
        .hasMessageContaining(why);
  }

  @Test
  void acceptsValidTokensOfEachAlgorithm() throws Exception {
    String byEc = sign(header(JWSAlgorithm.ES256, "ec"), new ECDSASigner(ec), claims().build());
    for (String token : List.of(byRsa(claims()), byEc, byEd(claims()))) {
      Caller caller = authenticate(token);
      assertThat(caller.tenantId()).isEqualTo("acme");
      assertThat(caller.userId()).isEqualTo("ann");
      assertThat(caller.roles()).isEqualTo(Set.of(Role.USER, Role.WORKER));
      assertThat(caller.expireTime()).contains(in(Duration.ofSeconds(330)).toInstant());
      assertThat(caller.credentialId()).isEqualTo("jwt:j1");
    }
  }

  @Test
  void rejectsUnsignedTokens() throws Exception {
    refused(new PlainJWT(claims().build()).serialize(), "signed");
    String none = Base64URL.encode("{\"alg\":\"none\",\"kid\":\"rsa\"}").toString();
    String[] parts = byRsa(claims()).split("\\.", -1);
    refused(none + "." + parts[1] + "." + parts[2], "signed");
    refused(none + "." + parts[1] + ".", "signed");
    refused(parts[0] + "." + parts[1] + ".", "");
  }

  @Test
  void doesNotUseAPublicKeyAsASecret() throws Exception {
    for (byte[] secret :
        List.of(
            rsa.toRSAPublicKey().getEncoded(),
            rsa.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
            Files.readAllBytes(file))) {
      for (String key : new String[] {"rsa", null}) {
        refused(
            sign(header(JWSAlgorithm.HS256, key), new MACSigner(secret), claims().build()),
            "no key");
      }
    }
    // A shared secret in a set of public keys is ignored.
    byte[] shared = new byte[32];
    write(rsa, new OctetSequenceKey.Builder(shared).keyID("oct").build());
    tokens.reload();
    refused(
        sign(header(JWSAlgorithm.HS256, "oct"), new MACSigner(shared), claims().build()), "no key");
  }

  @Test
  void aKeyVerifiesItsOwnAlgorithmOnly() throws Exception {
    for (JWSAlgorithm other : List.of(JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
      refused(sign(header(other, "rsa"), new RSASSASigner(rsa), claims().build()), "no key");
    }
    refused(
        sign(header(JWSAlgorithm.RS256, "ec"), new RSASSASigner(rsa), claims().build()), "no key");
  }

  @Test
  void rejectsForeignKeysAndChangedClaims() throws Exception {
    refused(
        sign(header(JWSAlgorithm.RS256, "rsa"), new RSASSASigner(foreign), claims().build()),
        "signature");
    refused(
        sign(header(JWSAlgorithm.RS256, "gone"), new RSASSASigner(foreign), claims().build()),
        "no key");
    // The key in the token's own header is ignored.
    JWSHeader carried =
        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").jwk(foreign.toPublicJWK()).build();
    refused(sign(carried, new RSASSASigner(foreign), claims().build()), "signature");
    // The tenant is part of what is signed.
    String[] ours = byRsa(claims()).split("\\.", -1);
    String[] others = byRsa(claims().claim("tenant", "other")).split("\\.", -1);
    refused(ours[0] + "." + others[1] + "." + ours[2], "signature");
  }

  @Test
  void rejectsInvalidClaims() throws Exception {
    refused(byRsa(claims().issuer("https://evil.example")), "issuer");
    refused(byRsa(claims().issuer(null)), "issuer");
    refused(byRsa(claims().audience("other")), "audience");
    refused(byRsa(claims().audience((String) null)), "audience");
    refused(byRsa(claims().expirationTime(null)), "no expiry");
    refused(byRsa(claims().expirationTime(in(Duration.ofSeconds(-31)))), "expired");
    refused(byRsa(claims().notBeforeTime(in(Duration.ofSeconds(31)))), "not valid yet");
    authenticate(byRsa(claims().expirationTime(in(Duration.ofSeconds(-29)))));
    authenticate(byRsa(claims().notBeforeTime(in(Duration.ofSeconds(29)))));
    refused(byRsa(claims().subject(null)), "no valid user");
    refused(byRsa(claims().subject("a b")), "no valid user");
    refused(byRsa(claims().claim("tenant", null)), "no valid tenant");
    refused(byRsa(claims().claim("tenant", List.of("acme"))), "no valid tenant");
    refused(byRsa(claims().claim("realm_access", null)), "no known role");
    refused(
        byRsa(claims().claim("realm_access", Map.of("roles", List.of("KING")))), "no known role");
    JWSHeader critical =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa")
            .criticalParams(Set.of("x"))
            .customParam("x", 1)
            .build();
    refused(sign(critical, new RSASSASigner(rsa), claims().build()), "critical");
  }

  private String withDate(String name, Object value) throws Exception {
    Map<String, Object> raw = new HashMap<>(claims().build().toJSONObject());
    raw.put(name, value);
    JWSObject token =
        new JWSObject(
            header(JWSAlgorithm.RS256, "rsa"), new Payload(JSONObjectUtils.toJSONString(raw)));
    token.sign(new RSASSASigner(rsa));
    return token.serialize();
  }

  @Test
  void rejectsDatesBeyondReason() throws Exception {
    long now = clock.instant().getEpochSecond();
    for (String name : List.of("exp", "nbf", "iat")) {
      for (Object value :
          List.of(
              Long.MAX_VALUE,
              Long.MIN_VALUE,
              Long.MAX_VALUE / 1000 + 1,
              1e300,
              -1,
              -0.5,
              253_402_300_800L,
              new BigInteger("9".repeat(40)),
              "" + now,
              true,
              List.of(now))) {
        refused(withDate(name, value), "");
      }
      authenticate(withDate(name, now + 0.75));
    }
    refused(withDate("exp", now + 400L * 86_400 + 1), "max-lifetime");
    authenticate(withDate("exp", now + 400L * 86_400));
    refused(withDate("iat", now + 31), "issued in the future");
    authenticate(withDate("iat", now + 30));
    refused(withDate("nbf", now + 31), "not valid yet");
  }

  private void with(JwtRoles roles, Set<String> types) {
    tokens =
        JwtTokens.fromFile(
            new JwtOptions(
                OPTIONS.issuer(),
                OPTIONS.audience(),
                OPTIONS.clockSkew(),
                "sub",
                "tenant",
                "",
                roles,
                OPTIONS.maxLifetime(),
                types),
            file,
            clock);
  }

  private static String withRoles(Object roles) throws Exception {
    return byRsa(new JwtTokensTest().claims().claim("roles", roles));
  }

  @Test
  void foldsNoNameIntoARole() throws Exception {
    with(new JwtRoles("roles", "", Map.of()), Set.of());
    for (Object roles :
        List.of(
            List.of("adm\u0131n"),
            "adm\u0131n",
            List.of("ADM\u0130N"),
            List.of(" ADMIN"),
            List.of("ADMIN\n"),
            List.of("u\u017fer"),
            List.of("wor\u212aer"),
            List.of(List.of("ADMIN")),
            List.of("USER", 1),
            List.of("USER", Map.of("a", "ADMIN")),
            Map.of("ADMIN", true),
            true)) {
      refused(withRoles(roles), "claim roles");
    }
    List<Object> withNull = new ArrayList<>(List.of("USER"));
    withNull.add(null);
    refused(withRoles(withNull), "not a list of names");
    assertThat(authenticate(withRoles("user,worker  king")).roles())
        .isEqualTo(Set.of(Role.USER, Role.WORKER));
  }

  @Test
  void aPrefixAndAMapTellOurRolesFromThoseOfOtherSystems() throws Exception {
    with(new JwtRoles("roles", "milepost:", Map.of("my-admins", Role.ADMIN)), Set.of());
    refused(withRoles(List.of("ADMIN", "admin", "MILEPOST:ADMIN", "My-Admins")), "no known role");
    assertThat(authenticate(withRoles(List.of("ADMIN", "milepost:user"))).roles())
        .isEqualTo(Set.of(Role.USER));
    assertThat(authenticate(withRoles(List.of("my-admins"))).roles()).isEqualTo(Set.of(Role.ADMIN));
    refused(withRoles(List.of("milepost:my-admins")), "no known role");
  }

  @Test
  void checksTheTypeIfTheSettingsNameOne() throws Exception {
    with(new JwtRoles("realm_access.roles", "", Map.of()), Set.of("at+jwt"));
    for (String type : List.of("at+jwt", "AT+JWT", "application/at+jwt")) {
      authenticate(byType(new JOSEObjectType(type)));
    }
    refused(byType(JOSEObjectType.JWT), "[at+jwt]");
    refused(byType(null), "[at+jwt]");
  }

  private String byType(JOSEObjectType type) throws Exception {
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256).type(type).keyID("rsa").build();
    return sign(header, new RSASSASigner(rsa), claims().build());
  }

  /** JSON that is valid, but nothing that a token is made of. */
  private static Stream<String> oddJson() {
    return Stream.of(
        "null",
        "{}",
        "[]",
        "[null]",
        "0",
        "-1e999",
        "true",
        "\"text\"",
        "",
        " ",
        "{",
        "{null:null}",
        "{\"a\":}",
        "{\"\":null}",
        "[".repeat(5_000),
        "{\"a\":".repeat(2_000),
        "\u0000",
        "\ufeff{}");
  }

  /** Returns the token of these parts, whatever they are. */
  private static String token(String header, String payload) throws Exception {
    Base64URL head = Base64URL.encode(header);
    Base64URL body = Base64URL.encode(payload);
    byte[] signed = (head + "." + body).getBytes(StandardCharsets.US_ASCII);
    return head
        + "."
        + body
        + "."
        + new RSASSASigner(rsa).sign(header(JWSAlgorithm.RS256, "rsa"), signed);
  }

  /** Whatever a token holds, it is no fault of the server. */
  private void refusedOrValid(String token) {
    assertThatCode(() -> authenticate(token))
        .satisfiesAnyOf(
            thrown -> assertThat(thrown).isNull(),
            thrown -> assertThat(thrown).isInstanceOf(AccessException.Unauthenticated.class));
  }

  @Test
  void refusesOddHeadersAndPayloads() throws Exception {
    String header = header(JWSAlgorithm.RS256, "rsa").toString();
    for (String odd : oddJson().toList()) {
      refused(token(odd, claims().build().toString()), "This JWT is rejected");
      refused(token(header, odd), "This JWT is rejected");
      for (String name : List.of("alg", "kid", "typ", "crit", "cty", "jwk", "x5c", "b64")) {
        String head = "{\"alg\":\"RS256\",\"%s\":%s}".formatted(name, odd);
        refusedOrValid(token(head, claims().build().toString()));
      }
    }
  }

  @Test
  void refusesOddClaims() throws Exception {
    String header = header(JWSAlgorithm.RS256, "rsa").toString();
    for (String odd : oddJson().toList()) {
      for (String name : List.of("iss", "aud", "sub", "exp", "tenant", "realm_access")) {
        String others =
            JSONObjectUtils.toJSONString(claims().claim(name, null).build().toJSONObject());
        String body = others.substring(0, others.length() - 1) + ",\"%s\":%s}".formatted(name, odd);
        refusedOrValid(token(header, body));
      }
      for (String roles : List.of("[null]", "[\"USER\",null]", "[7]", "[[\"USER\"]]", "7", "{}")) {
        String others =
            JSONObjectUtils.toJSONString(
                claims().claim("realm_access", null).build().toJSONObject());
        String body =
            others.substring(0, others.length() - 1)
                + ",\"realm_access\":{\"roles\":%s}}".formatted(roles);
        refused(token(header, body), "This JWT is rejected");
      }
    }
  }

  @Test
  void rejectsTruncatedAndModifiedTokens() throws Exception {
    for (String token : List.of(byRsa(claims()), byEd(claims()))) {
      for (int length = 0; length < token.length(); length += 7) {
        refused(token.substring(0, length), "");
      }
      int last = token.lastIndexOf('.');
      char changed = token.charAt(last + 9) == 'A' ? 'B' : 'A';
      refused(token.substring(0, last + 9) + changed + token.substring(last + 10), "signature");
    }
  }

  @Test
  void aSecretVerifiesHs256Only() throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    tokens = JwtTokens.fromSecret(OPTIONS, secret, clock);
    JWSHeader plain = new JWSHeader(JWSAlgorithm.HS256);
    assertThat(authenticate(sign(plain, new MACSigner(secret), claims().build())).userId())
        .isEqualTo("ann");
    refused(sign(plain, new MACSigner("x".repeat(32)), claims().build()), "signature");
    refused(byRsa(claims()), "no key");
    assertThatThrownBy(() -> JwtTokens.fromSecret(OPTIONS, new byte[31], clock))
        .isInstanceOf(CredentialSetupException.class)
        .hasMessageContaining("32 bytes");
  }

  @Test
  void reloadsAKeyFileUnlessItIsDamaged() throws Exception {
    String before = byRsa(claims());
    Files.writeString(file, "{\"keys\": [");
    tokens.reload();
    authenticate(before);
    write(ec);
    tokens.reload();
    refused(before, "no key");
    authenticate(sign(header(JWSAlgorithm.ES256, "ec"), new ECDSASigner(ec), claims().build()));
    assertThatThrownBy(() -> JwtTokens.fromFile(OPTIONS, directory.resolve("absent.json"), clock))
        .isInstanceOf(CredentialSetupException.class);
  }

  @Test
  void fetchesANewKeySoonButNotTooOften() throws Exception {
    AtomicReference<String> answer =
        new AtomicReference<>(new JWKSet(List.of((JWK) rsa)).toString(true));
    AtomicInteger fetches = new AtomicInteger();
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/jwks",
        exchange -> {
          fetches.incrementAndGet();
          byte[] body = answer.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    http.start();
    URI url = URI.create("http://localhost:" + http.getAddress().getPort() + "/jwks");
    String byEc = sign(header(JWSAlgorithm.ES256, "ec"), new ECDSASigner(ec), claims().build());
    try (JwtTokens fetched =
            JwtTokens.fromUrl(OPTIONS, url, Duration.ofHours(1), Duration.ofMillis(1), clock);
        JwtTokens seldom =
            JwtTokens.fromUrl(OPTIONS, url, Duration.ofHours(1), Duration.ofHours(1), clock)) {
      assertThat(fetches).hasValue(2);
      tokens = fetched;
      authenticate(byRsa(claims()));
      answer.set(new JWKSet(List.of((JWK) ec)).toString(true));
      refused(byEc, "no key");
      await()
          .pollInterval(Duration.ofMillis(5))
          .ignoreExceptions()
          .until(() -> authenticate(byEc) != null);
      // An invalid key set changes nothing.
      answer.set("<html>");
      int before = fetches.get();
      refused(byRsa(claims()), "no key");
      await().pollInterval(Duration.ofMillis(5)).until(() -> fetches.get() > before);
      authenticate(byEc);

      int total = fetches.get();
      tokens = seldom;
      for (int i = 0; i < 100; i++) {
        refused(byEc, "no key");
      }
      assertThat(fetches).hasValue(total);
    } finally {
      http.stop(0);
    }
  }

  @Test
  @Timeout(60) // a server that waits for the rest would wait forever
  void givesUpOnAnIssuerThatRespondsTooSlowly() throws Exception {
    CountDownLatch rest = new CountDownLatch(1);
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/jwks",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            rest.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    http.start();
    URI url = URI.create("http://localhost:" + http.getAddress().getPort() + "/jwks");
    try (JwtTokens without =
        JwtTokens.fromUrl(OPTIONS, url, Duration.ofHours(1), Duration.ofHours(1), clock)) {
      tokens = without;
      refused(byRsa(claims()), "no key");
    } finally {
      rest.countDown();
      http.stop(0);
    }
  }

  /** Counts the checks of signatures by the keys that are current. */
  private static final class CountingKeys implements KeySource {
    private final AtomicInteger checks = new AtomicInteger();
    private final AtomicReference<VerificationKeys> keys = new AtomicReference<>();

    CountingKeys() throws Exception {
      renew();
    }

    void renew() throws Exception {
      RSASSAVerifier verifier = new RSASSAVerifier(rsa.toRSAPublicKey());
      keys.set(
          VerificationKeys.of(
              JWSAlgorithm.RS256,
              (header, signed, signature) -> {
                checks.incrementAndGet();
                return verifier.verify(header, signed, signature);
              }));
    }

    @Override
    public VerificationKeys keys() {
      return keys.get();
    }
  }

  @Test
  void theSignatureOfATokenIsCheckedOnce() throws Exception {
    CountingKeys keys = new CountingKeys();
    tokens = JwtTokens.from(OPTIONS, keys, clock);
    String token = byRsa(claims());
    assertThat(tokens.isCostly(ShownCall.bearing(token))).isTrue();
    Caller first = authenticate(token);
    assertThat(tokens.isCostly(ShownCall.bearing(token))).isFalse();
    for (int i = 0; i < 10; i++) {
      assertThat(authenticate(token)).isEqualTo(first);
    }
    assertThat(keys.checks).hasValue(1);
    // Another signature of the same claims, and other claims, are other tokens.
    authenticate(byRsa(claims().jwtID("j2")));
    assertThat(keys.checks).hasValue(2);
    refused(token.substring(0, token.length() - 6) + "AAAAAA", "signature");
    assertThat(keys.checks).hasValue(3);
  }

  @Test
  void aKnownTokenIsValidNoLongerThanItSays() throws Exception {
    tokens = JwtTokens.from(OPTIONS, new CountingKeys(), clock);
    String token = byRsa(claims());
    authenticate(token);
    clock.advance(Duration.ofSeconds(329));
    authenticate(token);
    clock.advance(Duration.ofSeconds(1));
    refused(token, "expired");
  }

  @Test
  void aKnownTokenIsCheckedAgainWithNewKeys() throws Exception {
    CountingKeys keys = new CountingKeys();
    tokens = JwtTokens.from(OPTIONS, keys, clock);
    String token = byRsa(claims());
    authenticate(token);
    keys.renew();
    authenticate(token);
    assertThat(keys.checks).hasValue(2);
    keys.keys.set(VerificationKeys.none());
    refused(token, "no key");
    keys.renew();
    authenticate(token);
  }

  @Test
  void aKnownTokenIsCheckedAgainAfterTheClockWasSetBack() throws Exception {
    CountingKeys keys = new CountingKeys();
    tokens = JwtTokens.from(OPTIONS, keys, clock);
    String token = byRsa(claims().notBeforeTime(in(Duration.ZERO)));
    authenticate(token);
    clock.advance(Duration.ofHours(-1));
    refused(token, "not valid yet");
  }

  @Test
  void anInvalidTokenIsRememberedForAMoment() throws Exception {
    CountingKeys keys = new CountingKeys();
    tokens = JwtTokens.from(OPTIONS, keys, clock);
    String forged =
        sign(header(JWSAlgorithm.RS256, "rsa"), new RSASSASigner(foreign), claims().build());
    String early = byRsa(claims().notBeforeTime(in(Duration.ofSeconds(33))));
    for (int i = 0; i < 10; i++) {
      refused(forged, "its signature is wrong");
      refused(early, "not valid yet");
    }
    assertThat(keys.checks).hasValue(2);
    clock.advance(TokenVerdicts.INVALID_TTL);
    refused(forged, "its signature is wrong");
    authenticate(early);
    assertThat(keys.checks).hasValue(4);
  }

  @Test
  void remembersABoundedNumberOfTokens() {
    TokenVerdicts verdicts = new TokenVerdicts();
    VerificationKeys keys = VerificationKeys.none();
    Caller ann = new Caller("acme", "ann", Set.of(Role.USER));
    TokenVerdicts.Digest first = TokenVerdicts.Digest.of("valid-0");
    for (int i = 0; i < 2 * TokenVerdicts.MAX_VALID; i++) {
      verdicts.accept(TokenVerdicts.Digest.of("valid-" + i), keys, ann, clock.instant());
      // What is in use stays.
      assertThat(verdicts.find(first, keys, clock.instant())).contains(ann);
    }
    assertThat(verdicts.size()).isEqualTo(TokenVerdicts.MAX_VALID);
    for (int i = 0; i < 2 * TokenVerdicts.MAX_INVALID; i++) {
      verdicts.refuse(TokenVerdicts.Digest.of("invalid-" + i), keys, "no", clock.instant());
    }
    assertThat(verdicts.size()).isEqualTo(TokenVerdicts.MAX_VALID + TokenVerdicts.MAX_INVALID);
    assertThat(verdicts.find(first, keys, clock.instant())).contains(ann);
  }

  @Test
  void refusesTokensBeyondAnyUse() {
    refused("x".repeat(64 * 1024 + 1), "too long");
  }
}
