import pg from 'pg';

const int8 = 20;

/** Numbers of eight bytes come back as JS numbers: nothing here counts beyond 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)),
};

/** The one pool of a database: TypeORM, the event log and the job queue take their connections from it. */
export function createPool(options: pg.PoolConfig): pg.Pool {
  return new pg.Pool({ ...options, types });
}
