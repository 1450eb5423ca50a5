package dev.milepost.server;

import dev.milepost.server.grpc.GrpcServer;
import dev.milepost.server.grpc.GrpcServices;
import dev.milepost.server.http.ConnectionGate;
import dev.milepost.server.http.HttpOptions;
import dev.milepost.server.http.Site;
import dev.milepost.server.http.SiteDescription;
import dev.milepost.server.http.transcode.Transcoder;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.TlsSettings;
import dev.milepost.server.transport.Connections;
import jakarta.inject.Inject;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Puts what HTTP serves together, once the services can be called. */
final class HttpWiring {
  /** Bodies that are arriving may take this share of the bytes in flight. */
  private static final int BODY_SHARE = 4;

  private final Settings settings;
  private final HttpPort port;
  private final Credentials credentials;
  private final GrpcServices services;
  private final GrpcServer grpc;
  private final Connections connections;
  private final Metering metering;

  @Inject
  HttpWiring(
      Settings settings,
      HttpPort port,
      Credentials credentials,
      GrpcServices services,
      GrpcServer grpc,
      Connections connections,
      Metering metering) {
    this.settings = settings;
    this.port = port;
    this.credentials = credentials;
    this.services = services;
    this.grpc = grpc;
    this.connections = connections;
    this.metering = metering;
  }

  /** Returns the URL of the port, or describes for people why there is none. */
  String url() {
    return port.url();
  }

  /** Completes when HTTP is served; fails if it cannot be. */
  CompletionStage<Void> served() {
    return port.served();
  }

  /** Begins to serve. */
  void serve(HealthReports health) {
    port.serve(http -> http.serve(options(), new Gate(connections), site(health)));
  }

  private Site site(HealthReports health) {
    Transcoder api =
        new Transcoder(
            services.descriptors(),
            peer -> grpc.local().connect(peer.address(), peer.tls()),
            settings.connections().messageBytes(),
            settings.inFlight().bytes() / BODY_SHARE,
            settings.http().keepAlive(),
            settings.http().basePath());
    String own = new ListenAddress(settings.listen().host(), grpc.port()).toString();
    SiteDescription description =
        new SiteDescription(
            BuildInfo.current().version(),
            own,
            settings.http().basePath(),
            settings.auth().development());
    return new Site(metering::page, health::report, api, description);
  }

  private HttpOptions options() {
    Set<String> hosts = new HashSet<>(settings.http().allowedHosts());
    settings.http().listen().ifPresent(own -> hosts.add(own.host().toLowerCase(Locale.ROOT)));
    return new HttpOptions(
        settings.http().basePath(),
        hosts,
        settings.http().allowedOrigins(),
        credentials.context().map(context -> new HttpOptions.Tls(context, clients())),
        settings.tls().terminatedUpstream(),
        settings.connections().metadataBytes(),
        settings.connections().calls(),
        settings.inFlight().responseTimeout());
  }

  private HttpOptions.ClientCertificate clients() {
    TlsSettings tls = settings.tls();
    if (tls.clientCa().isEmpty()) {
      return HttpOptions.ClientCertificate.NONE;
    }
    return tls.clientCertificateRequired()
        ? HttpOptions.ClientCertificate.REQUIRED
        : HttpOptions.ClientCertificate.OPTIONAL;
  }

  /** Counts connections of HTTP and gRPC together. */
  private record Gate(Connections connections) implements ConnectionGate {
    @Override
    public boolean admit(SocketAddress peer) {
      return connections.admit(peer);
    }

    @Override
    public void released(SocketAddress peer) {
      connections.released(peer);
    }
  }
}
