import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the product decides once and keeps, such as the token secret. */
@Entity('settings')
export class SettingEntity {
  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'jsonb' })
  value!: unknown;
}
