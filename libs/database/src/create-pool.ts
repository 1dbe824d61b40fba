import pg from 'pg';

const { INT8 } = pg.types.builtins;

/** Numbers of eight bytes come back as JS numbers: nothing here counts beyond 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const parse: unknown = oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format);
    return parse;
  },
};

/** The one pool of a database: TypeORM, the event log and the job queue take their connections from it. */
export function createPool(options: pg.PoolConfig): pg.Pool {
  return new pg.Pool({ ...options, types });
}
