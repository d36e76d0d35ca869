import { join } from "node:path";
import { open } from "lmdb";
import { WatertightError } from "../../errors.ts";

const HOLDER = Buffer.from("holder");

/**
 * Takes the folder for this opener, or throws WT_LOG_LOCKED; answers how to let go of it.
 *
 * A small database of its own says who holds the folder. The holder keeps a read transaction open in
 * it for as long as it lives: the operating system locks its place in the table of readers, and frees
 * it with the process. So a process that died holds nothing, whoever has its id now. The question
 * and the answer are one write transaction, and there is one writer on the machine at a time.
 */
export function lockFolder(folder: string): () => Promise<void> {
  const database = open({
    path: join(folder, "holder"),
    keyEncoding: "binary",
    encoding: "binary",
    overlappingSync: false,
    noSync: true,
  });
  const presence = database.useReadTransaction();
  const release = async (): Promise<void> => {
    presence.done();
    await database.close();
  };
  const holder = database.transactionSync(() => {
    database.readerCheck();
    const pid = Number(database.getBinary(HOLDER)?.toString() ?? 0);
    // We are in the table ourselves already.
    const own = pid === process.pid ? 1 : 0;
    if (present(database.readerList()).filter((reader) => reader === pid).length > own) return pid;
    void database.put(HOLDER, Buffer.from(String(process.pid)));
    return undefined;
  });
  if (holder === undefined) return release;
  void release();
  throw new WatertightError(
    "WT_LOG_LOCKED",
    `Expected the log in ${folder} to be free, but process ${holder} has it open. A log has one writer: stop that process, close the other log, or use another folder.`,
  );
}

/** The ids of the processes with a read transaction: lines of id, thread and transaction. */
function present(readers: string): readonly number[] {
  return [...readers.matchAll(/^\s*(\d+)\s+\S+\s+\d+\s*$/gm)].map(([, pid]) => Number(pid));
}
