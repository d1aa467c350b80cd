/**
 * Where a report goes. Reporters write text; whether that is a terminal, a file or a test is not
 * theirs.
 */
export interface Output {
  write(text: string): void;
  /** Width to fit tables into. */
  readonly columns: number;
  /** Lines of a terminal. */
  readonly rows?: number;
}

/** What every reporter is told about the run beside its events. */
export interface ReportSettings {
  readonly colour: boolean;
  readonly verbose: boolean;
  readonly now: () => number;
  /** A file of the project as a service names it that annotates the files of a repository. */
  readonly annotate?: (file: string) => string;
}
