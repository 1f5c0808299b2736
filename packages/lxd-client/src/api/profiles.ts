import type { Profile, ProfilePut, ProfilesPost } from "../schema/profile.ts";
import type { CallOptions, ListOptions, ModifyOptions, OperationOptions, Tagged, WriteOptions } from "./options.ts";

export interface ProfilesApi {
  list(options?: ListOptions): Promise<Profile[]>;
  get(name: string, options?: CallOptions): Promise<Tagged<Profile>>;
  create(body: ProfilesPost, options?: OperationOptions): Promise<void>;
  /** PUT. Changing a used profile re-applies it to every instance that runs with it. */
  update(name: string, body: ProfilePut, options?: WriteOptions): Promise<void>;
  modify(
    name: string,
    change: (current: Required<ProfilePut>, profile: Profile) => ProfilePut | undefined,
    options?: ModifyOptions,
  ): Promise<void>;
  rename(name: string, newName: string, options?: OperationOptions): Promise<void>;
  /** `in-use` while an instance has it. */
  delete(name: string, options?: OperationOptions): Promise<void>;
}
