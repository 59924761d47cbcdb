import {
  Catch,
  Controller,
  type ExceptionFilter,
  Global,
  Injectable,
  Module,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import type { ArgumentsHost } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { atEnd } from '../../test/support/clean-up.js';
import { callDirectly, Predicts } from './direct-handlers.js';

@Injectable()
class Greeting {
  readonly word = 'hello';
}

@Controller()
class GreetingController {
  stack = '';

  constructor(private readonly greeting: Greeting) {}

  @Post('greet/:name')
  @Predicts()
  greet(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.stack = new Error('who called?').stack ?? '';
    const { name } = request.params as { name: string };
    if (name === 'nobody') throw new RangeError('nobody is there');
    if (name === 'late') setImmediate(() => void reply.send(new RangeError('too late')));
    else void reply.send({ said: `${this.greeting.word}, ${name}` });
  }
}

@Global()
@Module({ providers: [Greeting], controllers: [GreetingController] })
class GreetingModule {}

@Catch()
class TeapotFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(418).send({ fault: error.message });
  }
}

async function start(isDirect: boolean): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(GreetingModule, new FastifyAdapter(), {
    logger: false,
  });
  const server = app.getHttpAdapter().getInstance();
  if (isDirect) callDirectly(server, (controller) => app.get(controller, { strict: false }));
  app.useGlobalFilters(new TeapotFilter());
  await app.init();
  await server.ready();
  atEnd(() => app.close());
  return app;
}

describe.each([
  ['called by Fastify', true],
  ['called by Nest, the way back', false],
])('a handler %s', async (_, isDirect) => {
  const app = await start(isDirect);
  const call = async (name: string): Promise<unknown[]> => {
    const { statusCode, body } = await app.inject({ method: 'POST', url: `/greet/${name}` });
    return [statusCode, JSON.parse(body)];
  };

  it('is a method of its controller', async () => {
    const status = isDirect ? 200 : 201; // Nest's own for POST, which routes say differently by @HttpCode
    expect(await call('you')).toEqual([status, { said: 'hello, you' }]);
  });

  it.each([
    ['nobody', 'nobody is there'],
    ['late', 'too late'],
  ])('has its errors told by the filter (%s)', async (name, fault) => {
    expect(await call(name)).toEqual([418, { fault }]);
  });

  it(`has ${isDirect ? 'nothing' : 'much'} of Nest between itself and Fastify`, async () => {
    await call('you');
    expect(app.get(GreetingController).stack.includes('@nestjs/core/router')).toBe(!isDirect);
  });
});
