/** The log directories of instances: `<LXD_DIR>/logs/<instance>`. They outlive the instance, as on a real LXD up to 5.21. */
export declare class LogStore {
    #private;
    /** Directory name of an instance: other projects' are prefixed. */
    static directoryOf(project: string, instance: string): string;
    /** Names, sorted. */
    list(directory: string): string[];
    read(directory: string, file: string): Uint8Array | null;
    write(directory: string, file: string, content: string | Uint8Array): void;
    append(directory: string, file: string, content: string | Uint8Array): void;
    remove(directory: string, file: string): void;
    /** The earlier run's log moves out of the way. */
    rotate(directory: string, file: string): void;
    renameDirectory(from: string, to: string): void;
}
