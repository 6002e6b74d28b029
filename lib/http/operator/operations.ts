import { listWaiting } from "./approvals.ts";
import { listBooks, listCloses, readEvidence, readPipeline, release, tryClose } from "./books.ts";
import { flush, flushTenant, listChoreRuns, runChore } from "./chores.ts";
import { approve, decline, listCorrections, propose } from "./corrections.ts";
import { dryRun, listDryRuns, readDryRun } from "./dry_runs.ts";
import { bookFromStripe, listGaps } from "./gaps.ts";
import { endIssuer, listIssuers, putIssuer } from "./issuers.ts";
import { addKey, listKeys, revokeKey, rotateKey } from "./keys.ts";
import { listListLoads, listLists, readListLoad, replaceList } from "./lists.ts";
import { createMember, listMembers } from "./members.ts";
import {
  addAdjustment,
  addCredit,
  approveGrant,
  approveMoney,
  listAdjustments,
  listCredits,
  refuseGrant,
  refuseMoney,
} from "./money.ts";
import type { OperatorOperation } from "./operation.ts";
import { listOutbox, readEntry, resolveEntry, retryEntry, writeOffEntry } from "./outbox.ts";
import {
  archive,
  diffPlan,
  draftPlan,
  listPlans,
  migrate,
  publish,
  readPlanVersion,
} from "./plans.ts";
import { listReportRows, listReports, readReport, runReconcile } from "./reconcile.ts";
import { previewPlan, setBudget, setOverrides, setPlan } from "./tenant_terms.ts";
import {
  addTenant,
  editSettings,
  listTenants,
  provision,
  readTenant,
  setStatus,
} from "./tenants.ts";
import { askProvider, listAnomalies, listAudit, verifyAudit } from "./watch.ts";
import { listAlerts, listNotices, readWebhooks, replay, resend } from "./webhooks.ts";

/** Every operation of the operator API, in the order of the documentation. */
export const OPERATOR_OPERATIONS: readonly OperatorOperation[] = [
  listTenants,
  addTenant,
  readTenant,
  editSettings,
  setStatus,
  provision,
  setOverrides,
  setBudget,
  previewPlan,
  setPlan,
  listKeys,
  addKey,
  rotateKey,
  revokeKey,
  listMembers,
  createMember,
  listIssuers,
  putIssuer,
  endIssuer,
  listPlans,
  readPlanVersion,
  draftPlan,
  diffPlan,
  dryRun,
  listDryRuns,
  readDryRun,
  publish,
  archive,
  migrate,
  listAdjustments,
  addAdjustment,
  approveMoney,
  refuseMoney,
  listCredits,
  addCredit,
  approveGrant,
  refuseGrant,
  listWaiting,
  listCorrections,
  propose,
  approve,
  decline,
  listOutbox,
  readEntry,
  retryEntry,
  writeOffEntry,
  resolveEntry,
  listBooks,
  readEvidence,
  readPipeline,
  runReconcile,
  listReports,
  readReport,
  listReportRows,
  listGaps,
  bookFromStripe,
  listCloses,
  tryClose,
  release,
  listAnomalies,
  listAudit,
  verifyAudit,
  askProvider,
  readWebhooks,
  listNotices,
  replay,
  listAlerts,
  resend,
  listChoreRuns,
  runChore,
  flush,
  flushTenant,
  listLists,
  replaceList,
  listListLoads,
  readListLoad,
];
