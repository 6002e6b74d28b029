import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type AuditLog, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Passkey, PasskeyStore, Session } from "@/lib/ports/sessions.ts";
import { type Attempts, PASSKEY_START } from "./attempts.ts";
import { networkOf } from "./network_of.ts";
import type { Passkeys } from "./passkeys.ts";
import { requireRecentProof } from "./step_up.ts";

export interface OperatorPasskeysDeps {
  readonly passkeys: Passkeys;
  readonly store: PasskeyStore;
  readonly attempts: Attempts;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Where browsers make and use these passkeys. */
  readonly origin: string;
}

/** A signed-in operator at work on their own passkeys. */
export interface PasskeyActor {
  readonly session: Session;
  readonly operatorId: string;
  readonly ip: string | null;
  readonly requestId: string;
}

/** An operator's own passkeys. Every change needs a fresh proof and is a row of the operator chain. */
export interface OperatorPasskeys {
  readonly origin: string;
  /** Newest first. */
  list(operatorId: string): Promise<readonly Passkey[]>;
  /** Error: `step_up_required`. */
  beginAdding(actor: PasskeyActor): Promise<Result<PublicKeyCredentialCreationOptionsJSON>>;
  /** Errors: `step_up_required`, `passkey_invalid`. */
  add(
    passkey: { readonly response: RegistrationResponseJSON; readonly name: string },
    actor: PasskeyActor,
  ): Promise<Result<Passkey>>;
  /** Errors: `step_up_required`, `passkey_invalid` for one that is not there or not one's own. */
  remove(credentialId: string, actor: PasskeyActor): Promise<Result<Passkey>>;
  /** Error: `rate_limited`; anybody may ask. */
  beginSignIn(ip: string): Promise<Result<PublicKeyCredentialRequestOptionsJSON>>;
}

export function createOperatorPasskeys(deps: OperatorPasskeysDeps): OperatorPasskeys {
  const { passkeys, store, clock } = deps;

  function proven({ session }: PasskeyActor): Result<"proven"> {
    return requireRecentProof(session, clock.nowMs());
  }

  async function note(
    { credentialId, name }: Passkey,
    { actor, action }: { actor: PasskeyActor; action: string },
  ): Promise<void> {
    await deps.audit.append({
      chain: OPERATOR_CHAIN,
      atMs: clock.nowMs(),
      actor: { kind: "operator", id: actor.operatorId },
      action,
      subject: credentialId,
      before: null,
      after: { name },
      ip: actor.ip,
      requestId: actor.requestId,
    });
  }

  return {
    origin: deps.origin,

    list: async (operatorId) =>
      (await store.passkeys()).filter((passkey) => passkey.operatorId === operatorId)
        .sort((a, b) => b.createdAtMs - a.createdAtMs),

    beginAdding: async (actor) => {
      const proof = proven(actor);
      if (!proof.ok) return proof;
      const { operatorId } = actor;
      return accept(await passkeys.beginRegistration({ operatorId, name: operatorId }));
    },

    add: async ({ response, name }, actor) => {
      const proof = proven(actor);
      if (!proof.ok) return proof;
      const { operatorId } = actor;
      const added = await passkeys.finishRegistration(response, { operatorId, name });
      if (added.ok) await note(added.value, { actor, action: "passkey.added" });
      return added;
    },

    remove: async (credentialId, actor) => {
      const proof = proven(actor);
      if (!proof.ok) return proof;
      const found = (await store.passkey(credentialId))?.value;
      if (found === undefined || found.operatorId !== actor.operatorId) {
        return refuse({ code: "passkey_invalid", detail: "There is no such passkey" });
      }
      await store.removePasskey(credentialId);
      await note(found, { actor, action: "passkey.removed" });
      return accept(found);
    },

    beginSignIn: async (ip) => {
      const allowed = await deps.attempts.allow(PASSKEY_START, networkOf(ip));
      return allowed.ok ? accept(await passkeys.beginSignIn()) : allowed;
    },
  };
}
