declare const source: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    alias: import("../go-json.ts").Shape<string>;
    certificate: import("../go-json.ts").Shape<string>;
    fingerprint: import("../go-json.ts").Shape<string>;
    instance_only: import("../go-json.ts").Shape<boolean>;
    container_only: import("../go-json.ts").Shape<boolean>;
    mode: import("../go-json.ts").Shape<string>;
    project: import("../go-json.ts").Shape<string>;
    properties: import("../go-json.ts").Shape<Record<string, string>>;
    protocol: import("../go-json.ts").Shape<string>;
    secret: import("../go-json.ts").Shape<string>;
    server: import("../go-json.ts").Shape<string>;
    source: import("../go-json.ts").Shape<string>;
    type: import("../go-json.ts").Shape<string>;
}>>;
export type InstanceSource = ReturnType<typeof source.zero>;
export declare const instancesPost: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    name: import("../go-json.ts").Shape<string>;
    architecture: import("../go-json.ts").Shape<string>;
    config: import("../go-json.ts").Shape<Record<string, string>>;
    description: import("../go-json.ts").Shape<string>;
    devices: import("../go-json.ts").Shape<Record<string, Record<string, string>>>;
    ephemeral: import("../go-json.ts").Shape<boolean>;
    instance_type: import("../go-json.ts").Shape<string>;
    profiles: import("../go-json.ts").Shape<string[] | undefined>;
    source: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
        alias: import("../go-json.ts").Shape<string>;
        certificate: import("../go-json.ts").Shape<string>;
        fingerprint: import("../go-json.ts").Shape<string>;
        instance_only: import("../go-json.ts").Shape<boolean>;
        container_only: import("../go-json.ts").Shape<boolean>;
        mode: import("../go-json.ts").Shape<string>;
        project: import("../go-json.ts").Shape<string>;
        properties: import("../go-json.ts").Shape<Record<string, string>>;
        protocol: import("../go-json.ts").Shape<string>;
        secret: import("../go-json.ts").Shape<string>;
        server: import("../go-json.ts").Shape<string>;
        source: import("../go-json.ts").Shape<string>;
        type: import("../go-json.ts").Shape<string>;
    }>>;
    type: import("../go-json.ts").Shape<string>;
}>>;
export type InstancesPost = ReturnType<typeof instancesPost.zero>;
export declare const instancePut: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    architecture: import("../go-json.ts").Shape<string>;
    config: import("../go-json.ts").Shape<Record<string, string> | undefined>;
    description: import("../go-json.ts").Shape<string>;
    devices: import("../go-json.ts").Shape<Record<string, Record<string, string>> | undefined>;
    ephemeral: import("../go-json.ts").Shape<boolean | undefined>;
    profiles: import("../go-json.ts").Shape<string[] | undefined>;
    restore: import("../go-json.ts").Shape<string>;
}>>;
export declare const instancePost: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    name: import("../go-json.ts").Shape<string>;
    migration: import("../go-json.ts").Shape<boolean>;
    project: import("../go-json.ts").Shape<string>;
    pool: import("../go-json.ts").Shape<string>;
}>>;
export declare const statePut: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    action: import("../go-json.ts").Shape<string>;
    force: import("../go-json.ts").Shape<boolean>;
    stateful: import("../go-json.ts").Shape<boolean>;
    timeout: import("../go-json.ts").Shape<number | undefined>;
}>>;
export declare const bulkStatePut: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    state: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
        action: import("../go-json.ts").Shape<string>;
        force: import("../go-json.ts").Shape<boolean>;
        stateful: import("../go-json.ts").Shape<boolean>;
        timeout: import("../go-json.ts").Shape<number | undefined>;
    }> | undefined>;
}>>;
export declare const execPost: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    command: import("../go-json.ts").Shape<string[]>;
    cwd: import("../go-json.ts").Shape<string>;
    environment: import("../go-json.ts").Shape<Record<string, string>>;
    group: import("../go-json.ts").Shape<number>;
    height: import("../go-json.ts").Shape<number>;
    interactive: import("../go-json.ts").Shape<boolean>;
    "record-output": import("../go-json.ts").Shape<boolean>;
    user: import("../go-json.ts").Shape<number>;
    "wait-for-websocket": import("../go-json.ts").Shape<boolean>;
    width: import("../go-json.ts").Shape<number>;
}>>;
export declare const consolePost: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    width: import("../go-json.ts").Shape<number>;
    height: import("../go-json.ts").Shape<number>;
    type: import("../go-json.ts").Shape<string>;
}>>;
export declare const snapshotsPost: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    name: import("../go-json.ts").Shape<string>;
    stateful: import("../go-json.ts").Shape<boolean>;
    expires_at: import("../go-json.ts").Shape<string>;
}>>;
export declare const snapshotPost: import("../go-json.ts").Shape<import("../go-json.ts").Decoded<{
    name: import("../go-json.ts").Shape<string>;
}>>;
export {};
