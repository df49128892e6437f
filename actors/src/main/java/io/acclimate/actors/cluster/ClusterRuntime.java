package io.acclimate.actors.cluster;

import akka.actor.Address;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.JoinSeedNodes;
import akka.cluster.typed.SelfUp;
import akka.cluster.typed.Subscribe;
import akka.serialization.SerializationExtension;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.StreamHost;
import io.acclimate.actors.StreamStore;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.tta.AdaptationFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * One node of a cluster that serves many streams from one frozen model: each stream lives on one
 * node, and can be used from all of them. All nodes have the same model, runtime settings and
 * folder of records.
 *
 * <p>Thread-safe. Closing hands the node's streams over to the others and leaves the cluster; the
 * model stays open and belongs to the caller.
 */
public final class ClusterRuntime implements StreamHost, AutoCloseable {
  private static final String SYSTEM = "acclimate-cluster";
  static final EntityTypeKey<StreamEntity.Command> STREAMS =
      EntityTypeKey.create(StreamEntity.Command.class, "stream");

  private final ClusterSettings settings;
  private final int capacity;
  private final AdaptiveRuntime runtime;
  private final ActorSystem<SelfUp> system;
  private final Map<String, ClusterStream> streams = new ConcurrentHashMap<>();

  private ClusterRuntime(AdaptiveRuntime runtime, int capacity, ClusterSettings settings) {
    this.settings = settings;
    this.capacity = capacity;
    this.runtime = runtime;
    CompletableFuture<Void> up = new CompletableFuture<>();
    try {
      this.system = ActorSystem.create(awaitUp(up), SYSTEM, ClusterConfig.of(settings));
    } catch (Exception e) { // Akka throws checked exceptions without declaring them
      runtime.close();
      throw new AcclimateException(
          "cannot listen for other nodes on %s port %d: %s"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
    try {
      begin();
      up.orTimeout(settings.join().toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      close();
      throw new AcclimateException(
          "expected to be let into the cluster by one of %s within %d seconds, found no answer"
              .formatted(settings.seeds(), settings.join().toSeconds()),
          e);
    }
  }

  /**
   * Starts a node and joins the cluster.
   *
   * @throws AcclimateException when the model lacks the outputs that the settings name, the port
   *     cannot be listened on, or no other node answers
   */
  public static ClusterRuntime start(
      FrozenModel model, RuntimeSettings serving, ClusterSettings settings) {
    requireNoPassivation(serving);
    AdaptiveRuntime runtime = AdaptiveRuntime.start(model, serving);
    return new ClusterRuntime(runtime, serving.streamCapacity(), settings);
  }

  /**
   * Starts a node whose streams may be served with adapters of a bank, which is the same for all
   * nodes.
   *
   * @throws AcclimateException as {@link #start(FrozenModel, RuntimeSettings, ClusterSettings)}
   *     does, or when the model has no place for adapters
   */
  public static ClusterRuntime start(
      FrozenModel model,
      RuntimeSettings serving,
      ClusterSettings settings,
      AdapterServing adapters) {
    requireNoPassivation(serving);
    AdaptiveRuntime runtime = AdaptiveRuntime.start(model, serving, Optional.empty(), adapters);
    return new ClusterRuntime(runtime, serving.streamCapacity(), settings);
  }

  private static void requireNoPassivation(RuntimeSettings serving) {
    serving
        .passivation()
        .folder()
        .ifPresent(
            folder -> {
              throw new AcclimateException(
                  "passivation.folder: expected none, as idle streams of a cluster go to "
                      + "cluster.folder, found "
                      + folder);
            });
  }

  private static Behavior<SelfUp> awaitUp(CompletableFuture<Void> up) {
    return Behaviors.setup(
        context -> {
          Cluster.get(context.getSystem())
              .subscriptions()
              .tell(Subscribe.create(context.getSelf(), SelfUp.class));
          return Behaviors.receiveMessage(
              message -> {
                up.complete(null);
                return Behaviors.same();
              });
        });
  }

  private void begin() {
    ClusterNode node =
        new ClusterNode(
            address(),
            runtime,
            settings,
            system.dispatchers().lookup(DispatcherSelector.blocking()),
            SerializationExtension.get(system.classicSystem()));
    ClusterSharding.get(system)
        .init(
            Entity.of(
                    STREAMS,
                    entity -> StreamEntity.create(new NodeStream(node, entity.getEntityId())))
                .withStopMessage(new StreamEntity.PutAway()));
    List<Address> seeds = new ArrayList<>();
    for (String seed : settings.seeds()) {
      int colon = seed.lastIndexOf(':');
      seeds.add(
          Address.apply(
              "akka",
              SYSTEM,
              seed.substring(0, colon),
              Integer.parseInt(seed.substring(colon + 1))));
    }
    Cluster cluster = Cluster.get(system);
    if (seeds.isEmpty()) {
      seeds.add(cluster.selfMember().address());
    }
    cluster.manager().tell(new JoinSeedNodes(seeds));
  }

  /** This node's host and port. */
  public String address() {
    return Cluster.get(system).selfMember().address().hostPort().replaceFirst(".*@", "");
  }

  /** The nodes that serve streams now, sorted. */
  public List<String> nodes() {
    return StreamSupport.stream(Cluster.get(system).state().getMembers().spliterator(), false)
        .filter(member -> member.status() == MemberStatus.up())
        .map(Member::address)
        .map(address -> address.hostPort().replaceFirst(".*@", ""))
        .sorted()
        .toList();
  }

  /** The runtime of this node, for meters and listeners; its streams are those that live here. */
  public AdaptiveRuntime runtime() {
    return runtime;
  }

  /** A stream with a method and its default settings. */
  public ClusterStream stream(String id, String method) {
    return stream(id, method, ConfigFactory.empty());
  }

  /**
   * A stream of the cluster. It is opened where it lives, by its first call; whether the model has
   * what the method needs is seen then.
   *
   * @param id a name of the caller's
   * @param method the name of a registered method
   * @param methodSettings settings over the method's defaults
   * @throws AcclimateException for an empty id, an unknown method, bad settings, or when this node
   *     knows the stream with another method or settings
   */
  @Override
  public ClusterStream stream(String id, String method, Config methodSettings) {
    if (id.isEmpty()) {
      throw new AcclimateException("expected a stream's id, found an empty text");
    }
    AdaptationFactory.of(method, methodSettings);
    String rendered = methodSettings.root().render(ConfigRenderOptions.concise());
    ClusterStream stream =
        streams.computeIfAbsent(
            id,
            name ->
                new ClusterStream(
                    ClusterSharding.get(system).entityRefFor(STREAMS, name),
                    method,
                    rendered,
                    settings,
                    capacity));
    if (!stream.isOf(method, rendered)) {
      throw new AcclimateException(
          "stream %s: expected the method and settings that it was opened with, found %s with %s"
              .formatted(id, method, rendered));
    }
    return stream;
  }

  /**
   * Closes a stream wherever it lives, with its record: the next batch under its id, at whichever
   * node, opens a stream that begins anew. What came before it through any node is still done.
   */
  @Override
  public CompletionStage<Void> closeStream(String id) {
    ClusterStream stream = streams.get(id);
    return stream == null
        ? CompletableFuture.completedStage(null)
        : stream.close().thenRun(() -> streams.remove(id, stream));
  }

  @Override
  public boolean forgetClosed(String id) {
    ClusterStream stream = streams.get(id);
    return stream != null && stream.isAnswered() && !sharesStream(id) && streams.remove(id, stream);
  }

  /** The streams that live on this node, as its runtime has them. */
  @Override
  public List<AdaptiveStream> streams() {
    return runtime.streams();
  }

  /** Whether a stream of this id was opened by any node, now or before. */
  @Override
  public boolean sharesStream(String id) {
    return runtime.find(id).isPresent() || new StreamStore(settings.folder(), id).isFilled();
  }

  @Override
  public boolean isReady() {
    return runtime.isReady();
  }

  @Override
  public void addListener(RuntimeListener listener) {
    runtime.addListener(listener);
  }

  @Override
  public void removeListener(RuntimeListener listener) {
    runtime.removeListener(listener);
  }

  ActorSystem<?> system() {
    return system;
  }

  /** Hands the streams over, leaves the cluster and ends the actors. Closing twice does nothing. */
  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
    runtime.close();
  }
}
