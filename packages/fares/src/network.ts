/**
 * Distances over a metro network. Coordinates give the shape of a line, its published length the scale: the great
 * circle distance between neighbours is multiplied by published length, less the tail tracks beyond both last platforms,
 * over summed length. Interchanges cost nothing.
 */
import type { Network } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';

export interface PathLeg {
  readonly line: string;
  readonly metres: number;
}

export interface Path {
  readonly metres: number;
  /** One for each line ridden, in order. */
  readonly legs: readonly PathLeg[];
  readonly stations: readonly string[];
}

export interface CompiledNetwork {
  readonly network: Network;
  hasStation(id: string): boolean;
  /** Throws `POLYCARD_FARES_STATION` for an unknown one. */
  shortestPath(from: string, to: string): Path;
}

interface Edge {
  readonly to: number;
  readonly line: number;
  readonly metres: number;
}

interface Tree {
  readonly metres: Float64Array;
  readonly previous: Int32Array;
  readonly viaLine: Int32Array;
}

const EARTH_RADIUS_METRES = 6_371_000;

export function compileNetwork(network: Network): CompiledNetwork {
  const index = new Map(network.stations.map((station, position) => [station.id, position]));
  const edges: Edge[][] = network.stations.map(() => []);
  network.lines.forEach((line, lineIndex) => {
    const positions = line.stations.map((id) => index.get(id)!);
    const straight = positions
      .slice(1)
      .map((to, step) => greatCircleMetres(network.stations[positions[step]!]!, network.stations[to]!));
    const platformToPlatform = line.lengthMetres - 2 * (network.tailTrackMetres ?? 0);
    const scale = platformToPlatform / straight.reduce((sum, metres) => sum + metres, 0);
    straight.forEach((metres, step) => {
      const [a, b] = [positions[step]!, positions[step + 1]!];
      edges[a]!.push({ to: b, line: lineIndex, metres: metres * scale });
      edges[b]!.push({ to: a, line: lineIndex, metres: metres * scale });
    });
  });
  const trees = new Map<number, Tree>();
  const paths = new Map<number, Path>();
  const position = (id: string): number => {
    const found = index.get(id);
    if (found === undefined) {
      throw new PolycardError('POLYCARD_FARES_STATION', `network ${network.network} has no station ${id}`, {
        where: id,
      });
    }
    return found;
  };
  return {
    network,
    hasStation: (id) => index.has(id),
    shortestPath(from, to) {
      const [source, target] = [position(from), position(to)];
      const key = source * network.stations.length + target;
      let path = paths.get(key);
      if (path === undefined) {
        let tree = trees.get(source);
        if (tree === undefined) {
          tree = dijkstra(edges, source);
          trees.set(source, tree);
        }
        path = pathTo(network, tree, source, target);
        paths.set(key, path);
      }
      return path;
    },
  };
}

function greatCircleMetres(
  a: { longitude: number; latitude: number },
  b: { longitude: number; latitude: number },
): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [latitudeA, latitudeB] = [radians(a.latitude), radians(b.latitude)];
  const h =
    Math.sin((latitudeB - latitudeA) / 2) ** 2 +
    Math.cos(latitudeA) * Math.cos(latitudeB) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.sqrt(h));
}

/** Quadratic on purpose: a city has a few hundred stations and each source is computed once. */
function dijkstra(edges: readonly (readonly Edge[])[], source: number): Tree {
  const count = edges.length;
  const metres = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(count).fill(-1);
  const viaLine = new Int32Array(count).fill(-1);
  const done = new Uint8Array(count);
  metres[source] = 0;
  for (;;) {
    let nearest = -1;
    for (let node = 0; node < count; node++) {
      if (
        done[node] === 0 &&
        metres[node]! < Number.POSITIVE_INFINITY &&
        (nearest < 0 || metres[node]! < metres[nearest]!)
      )
        nearest = node;
    }
    if (nearest < 0) return { metres, previous, viaLine };
    done[nearest] = 1;
    for (const edge of edges[nearest]!) {
      const through = metres[nearest]! + edge.metres;
      if (through < metres[edge.to]!) {
        metres[edge.to] = through;
        previous[edge.to] = nearest;
        viaLine[edge.to] = edge.line;
      }
    }
  }
}

function pathTo(network: Network, tree: Tree, source: number, target: number): Path {
  const total = tree.metres[target]!;
  if (!Number.isFinite(total)) {
    const [a, b] = [network.stations[source]!.id, network.stations[target]!.id];
    throw new PolycardError('POLYCARD_FARES_STATION', `no line of ${network.network} joins ${a} and ${b}`, {
      where: b,
    });
  }
  const stations: string[] = [];
  const legs: { line: string; metres: number }[] = [];
  for (let node = target; node !== source; node = tree.previous[node]!) {
    stations.push(network.stations[node]!.id);
    const line = network.lines[tree.viaLine[node]!]!.id;
    const metres = tree.metres[node]! - tree.metres[tree.previous[node]!]!;
    const last = legs.at(-1);
    if (last?.line === line) last.metres += metres;
    else legs.push({ line, metres });
  }
  stations.push(network.stations[source]!.id);
  return {
    metres: Math.round(total),
    legs: legs.reverse().map((leg) => ({ line: leg.line, metres: Math.round(leg.metres) })),
    stations: stations.reverse(),
  };
}
