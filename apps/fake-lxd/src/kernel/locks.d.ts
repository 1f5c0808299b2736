export type LockedAction = "create" | "start" | "stop" | "restart" | "update" | "delete";
export interface InstanceLock extends Disposable {
    readonly action: LockedAction;
}
export declare class Locks {
    #private;
    /** Throws `Instance is busy running a "..." operation`. */
    acquire(key: string, action: LockedAction): InstanceLock;
    holder(key: string): LockedAction | undefined;
}
